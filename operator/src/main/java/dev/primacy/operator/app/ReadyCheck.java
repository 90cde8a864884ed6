package dev.primacy.operator.app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What {@code helm test} runs in a pod of the operator's image: does the operator answer at this address? */
final class ReadyCheck {
    private static final int OK = 200;

    private ReadyCheck() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            System.err.println("usage: ReadyCheck http://HOST:PORT/readyz");
            System.exit(2);
        }
        System.exit(check(URI.create(arguments[0])));
    }

    private static int check(URI address) throws InterruptedException {
        Duration patience = Duration.ofSeconds(10);
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(patience).build()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(address).timeout(patience).build(), HttpResponse.BodyHandlers.ofString());
            System.out.println(address + " answers " + response.statusCode() + ": "
                    + response.body().strip());
            return response.statusCode() == OK ? 0 : 1;
        } catch (IOException e) {
            System.err.println("The operator does not answer at " + address + " (" + e
                    + "); see kubectl get pods and kubectl logs of its Deployment");
            return 1;
        }
    }
}
