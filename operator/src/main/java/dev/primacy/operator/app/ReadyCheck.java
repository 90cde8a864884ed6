package dev.primacy.operator.app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What {@code helm test} runs in a pod of the operator's image: does the operator answer at this address? */
final class ReadyCheck {
    private static final String OK = "200: ";
    private static final Duration ONE_TRY = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private ReadyCheck() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            System.err.println("usage: ReadyCheck http://HOST:PORT/readyz");
            System.exit(2);
        }
        System.exit(check(URI.create(arguments[0])));
    }

    /** Asks until the answer is yes: a replica may just be starting, or its Service still lead to one that has ended. */
    private static int check(URI address) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(ONE_TRY).build()) {
            while (true) {
                String answer = ask(client, address);
                if (answer.startsWith(OK)) {
                    System.out.println(address + " answers " + answer);
                    return 0;
                }
                if (System.nanoTime() > end) {
                    System.err.println("The operator is not ready at " + address + " (" + answer
                            + "); see kubectl get pods and kubectl logs of its Deployment");
                    return 1;
                }
                Thread.sleep(Duration.ofSeconds(1));
            }
        }
    }

    private static String ask(HttpClient client, URI address) throws InterruptedException {
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(address).timeout(ONE_TRY).build(), HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + ": " + response.body().strip();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
