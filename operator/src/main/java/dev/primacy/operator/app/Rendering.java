package dev.primacy.operator.app;

import dev.primacy.operator.render.Blueprint;
import dev.primacy.operator.render.Configuration;
import dev.primacy.operator.render.DesiredObjects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a cluster's blueprint gives. Most passes find the blueprint as it was, and rendering is most of their work. */
final class Rendering {
    private @Nullable Rendered last;

    private record Rendered(Blueprint blueprint, Configuration configuration, List<HasMetadata> objects) {}

    Configuration configuration(Blueprint blueprint) {
        return of(blueprint).configuration();
    }

    /** They are shared by passes: read them, and do not change them. */
    List<HasMetadata> objects(Blueprint blueprint) {
        return of(blueprint).objects();
    }

    private Rendered of(Blueprint blueprint) {
        Rendered rendered = last;
        if (rendered == null || !rendered.blueprint().equals(blueprint)) {
            rendered = new Rendered(blueprint, Configuration.of(blueprint), DesiredObjects.of(blueprint));
            last = rendered;
        }
        return rendered;
    }
}
