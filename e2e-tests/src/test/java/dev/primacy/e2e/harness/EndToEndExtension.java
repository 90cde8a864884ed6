package dev.primacy.e2e.harness;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands out the site and namespaces, keeps evidence of what failed, and mends what a disturbing test left broken. */
final class EndToEndExtension implements ParameterResolver, AfterEachCallback, AfterAllCallback {
    /** So that renewals happen while tests run, and that every pass is logged. */
    private static final Map<String, String> SETTINGS =
            Map.of("PRIMACY_CERTIFICATE_LIFETIME", "PT3M", PassLog.SETTING, "DEBUG");

    private static final Namespace STORE = Namespace.create(EndToEndExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Space.class || type == Site.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Site site = site(context);
        if (parameter.getParameter().getType() == Site.class) {
            return site;
        }
        // A class's namespace is found from its methods' contexts too: a store looks into its parent.
        return context.getStore(STORE).computeIfAbsent("space", key -> Space.create(site, title(context)), Space.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        collectIfFailed(context);
        if (context.getRequiredTestClass().isAnnotationPresent(Disturbing.class)) {
            site(context).mend();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        collectIfFailed(context);
    }

    private static void collectIfFailed(ExtensionContext context) {
        Space space = context.getStore(STORE).get("space", Space.class);
        context.getExecutionException().ifPresent(failure -> keep(context, space, failure));
    }

    private static void keep(ExtensionContext context, @Nullable Space space, Throwable failure) {
        if (space != null) {
            space.keepIfAsked();
        }
        new Evidence(site(context), title(context)).collect(space, failure);
    }

    private static Site site(ExtensionContext context) {
        return context.getRoot()
                .getStore(STORE)
                .computeIfAbsent(Site.class, key -> Site.withOperator(SETTINGS).keepingPasses(), Site.class);
    }

    private static String title(ExtensionContext context) {
        String type = context.getRequiredTestClass().getSimpleName().replace("Test", "");
        return context.getTestMethod()
                .map(method -> type + "." + method.getName())
                .orElse(type)
                .toLowerCase(Locale.ROOT);
    }
}
