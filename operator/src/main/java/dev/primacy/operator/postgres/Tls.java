package dev.primacy.operator.postgres;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * The operator's client certificate and the authority it trusts, held in memory for one cluster; nothing of it touches a disk.
 *
 * <p>The driver takes the name of a socket factory's class and one string for its constructor, so the contexts are kept
 * under a number, for as long as their {@code Tls} lives.
 */
public final class Tls {
    private static final Map<String, SSLContext> CONTEXTS = new ConcurrentHashMap<>();
    private static final AtomicLong NEXT = new AtomicLong();
    private static final Cleaner CLEANER = Cleaner.create();

    private final String id;

    private Tls(SSLContext context) {
        String newId = Long.toString(NEXT.incrementAndGet());
        this.id = newId;
        CONTEXTS.put(newId, context);
        CLEANER.register(this, () -> CONTEXTS.remove(newId));
    }

    /**
     * @param certificate the client certificate, with its chain if it has one
     * @param authority the certificates that may have signed the server's
     * @throws IllegalArgumentException if one of them is no PEM, or the key does not belong to the certificate
     */
    public static Tls of(String certificate, String key, String authority) {
        try {
            OwnCertificate own = new OwnCertificate(Pem.certificates(certificate), Pem.privateKey(key));
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            List<X509Certificate> authorities = Pem.certificates(authority);
            for (int i = 0; i < authorities.size(); i++) {
                trusted.setCertificateEntry("authority-" + i, authorities.get(i));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);

            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {own}, trust.getTrustManagers(), null);
            return new Tls(context);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("the client certificate cannot be used: " + e.getMessage(), e);
        }
    }

    String id() {
        return id;
    }

    static SSLSocketFactory socketFactory(String id) {
        SSLContext context = CONTEXTS.get(id);
        if (context == null) {
            throw new IllegalStateException("no TLS context has the number " + id);
        }
        return context.getSocketFactory();
    }
}
