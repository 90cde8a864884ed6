package dev.primacy.operator.render;

import dev.primacy.api.v1.Volume;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How much log a member keeps, in MiB, so that it never fills its volume.
 *
 * @param minimum min_wal_size: what is recycled rather than removed
 * @param maximum max_wal_size: when a checkpoint is due
 * @param kept wal_keep_size: what a standby can miss in a failover, when it has no slot on the new primary yet (rule 14)
 * @param slots max_slot_wal_keep_size: what a standby that is away can hold back; beyond that it is cloned anew (rule 14)
 */
record WalSizes(long minimum, long maximum, long kept, long slots) {
    private static final int DEFAULT_SEGMENT = 16;
    private static final long MOST_KEPT = 512;
    private static final long SLOTS_ON_UNKNOWN_VOLUME = 4096;

    static WalSizes of(Blueprint blueprint) {
        Integer configured = blueprint.spec().bootstrap().initdb().walSegmentSizeMegabytes();
        long segment = Objects.requireNonNullElse(configured, DEFAULT_SEGMENT);
        // Those that initdb would write, in segments: 5 and 64.
        long minimum = 5 * segment;
        long maximum = 64 * segment;
        long kept = MOST_KEPT;
        long slots = SLOTS_ON_UNKNOWN_VOLUME;

        Quantity size = size(blueprint.spec().storage().data());
        if (size != null) {
            long volume = mebibytes(size);
            maximum = Math.clamp(volume / 10, minimum, maximum);
            kept = Math.min(kept, volume / 16);
            slots = Math.max(volume / 4, minimum);
        }
        Quantity wanted = blueprint.spec().replication().maxSlotWalKeepSize();
        if (wanted != null) {
            slots = mebibytes(wanted);
        }
        return new WalSizes(minimum, maximum, blueprint.ephemeral() ? 0 : kept, slots);
    }

    private static @Nullable Quantity size(Volume volume) {
        var claim = volume.persistentVolumeClaim();
        var emptyDir = volume.emptyDir();
        return claim != null ? claim.size() : emptyDir != null ? emptyDir.sizeLimit() : null;
    }

    static long mebibytes(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity)
                .divide(BigDecimal.valueOf(1 << 20), 0, RoundingMode.FLOOR)
                .longValue();
    }
}
