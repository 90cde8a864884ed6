package dev.primacy.operator.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PostgreSQL itself reads what is rendered. */
@Tag("containers")
class RenderedFilesTest {
    private static final String HOSTILE = """
            storage: {data: {persistentVolumeClaim: {size: 1Gi}}}
            postgresql:
              parameters:
                log_line_prefix: "it's \\\\ %m 'x' # "
                custom.text: "a'b\\\\'c\\nport = 1"
                max_connections: "40"
                include: /etc/passwd
            access:
              - {name: a, cidr: 10.0.0.0/8, databases: ["all", "sp ace", 'quo"te', "a,b", "#x"], roles: ["+group", "@file"]}
              - {name: b, cidr: fd00::/8, method: cert}
              - {name: c, podSelector: {}, databases: ["/^report_[a-z]+$"], roles: [reader], tls: Allow}
              - {name: d, cidr: 10.9.0.0/16, method: reject}
            """;

    @ParameterizedTest
    @ValueSource(ints = {15, 17, 18})
    @DisplayName("every line is understood, and values arrive as they were given")
    void postgresUnderstands(int version) throws IOException, InterruptedException {
        Configuration files = Configuration.of(Blueprints.running("postgresVersion: " + version + "\n" + HOSTILE));

        String answer = ask(version, files);

        assertThat(answer)
                .as(answer)
                .contains("file errors: 0", "hba errors: 0", "hba rules: 11")
                .contains("log_line_prefix=it's \\ %m 'x' # |")
                .contains("custom.text=a'b\\'c\nport = 1|")
                .contains("port=5432|", "max_connections=40|", "primacy.config=" + files.hash() + "|")
                .contains("{all,\"sp ace\",\"quo\\\"te\",\"a,b\",#x} {+group,@file}");
    }

    /** Starts PostgreSQL on the files, in a container of the image that members run, and returns what it made of them. */
    private static String ask(int version, Configuration files) throws IOException, InterruptedException {
        String script = """
                set -eu
                export PATH=$PATH:$(echo /usr/lib/postgresql/*/bin) LC_ALL=C.UTF-8
                mkdir -p /etc/primacy/tls /run/primacy /files
                install -d -o postgres -m 700 /run/primacy/socket
                write() { base64 -d >"/files/$1"; }
                """ + write("postgresql.conf", files.postgresqlConf()) + write("pg_hba.conf", files.pgHba())
                + write("pg_ident.conf", files.pgIdent()) + """
                cd /etc/primacy/tls
                openssl req -x509 -newkey ed25519 -nodes -keyout tls.key -out tls.crt -subj /CN=x -days 2 2>/dev/null
                cp tls.crt ca.crt
                chown postgres tls.key
                postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups env PATH="$PATH" LC_ALL=C.UTF-8 "$@"; }
                postgres initdb -D /tmp/data --no-sync --auth=trust -U postgres >/dev/null 2>&1
                postgres postgres -D /tmp/data -c config_file=/files/postgresql.conf -c hba_file=/files/pg_hba.conf \\
                  -c ident_file=/files/pg_ident.conf >/tmp/log 2>&1 &
                ask() { psql -qAtX -h /run/primacy/socket -U postgres -c "$1" 2>/dev/null; }
                for i in $(seq 100); do ask 'SELECT 1' >/dev/null && break || sleep 0.1; done
                ask "SELECT 'file errors: ' || count(*) FROM pg_file_settings WHERE error IS NOT NULL AND error NOT LIKE '%restart%'" || cat /tmp/log
                ask "SELECT 'hba errors: ' || count(error) FROM pg_hba_file_rules"
                ask "SELECT 'hba rules: ' || count(*) FROM pg_hba_file_rules"
                ask "SELECT database, user_name FROM pg_hba_file_rules" | tr '|' ' '
                for name in log_line_prefix custom.text port max_connections primacy.config; do
                  ask "SELECT '$name=' || current_setting('$name') || '|'"
                done
                """;
        Process docker = new ProcessBuilder(
                        "docker",
                        "run",
                        "--rm",
                        "-i",
                        "--network",
                        "none",
                        "--entrypoint",
                        "bash",
                        "postgres:" + version,
                        "-s")
                .redirectErrorStream(true)
                .start();
        docker.getOutputStream().write(script.getBytes(StandardCharsets.UTF_8));
        docker.getOutputStream().close();
        String output = new String(docker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        docker.waitFor();
        return output;
    }

    private static String write(String file, String text) {
        return "write " + file + " <<'X'\n" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))
                + "\nX\n";
    }
}
