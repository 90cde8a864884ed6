package dev.primacy.operator.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Counts the branches of {@code decide}: loads its classes, and those of the simulation that use them, anew, with a counter at either way of each
 * condition and at each case of a switch.
 */
final class Branches extends ClassLoader {
    private static final String DECIDE = "dev.primacy.operator.decide.";
    private static final String SIMULATION = "dev.primacy.operator.sim.";
    private static final String COUNTER = CountingThread.class.getName();
    private static final ClassDesc COUNTER_DESC = ClassDesc.of(COUNTER);
    private static final MethodTypeDesc HIT = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);

    private static final Path SOURCES = Path.of("src/main/java", DECIDE.split("[.]"));
    private static final int RAREST = 10;

    /** Where each counter is. */
    private final List<Place> places = new ArrayList<>();

    private final Map<String, Integer> ways = new HashMap<>();

    /** One of the ways out of the conditions and switches of a line, in the order of the compiled code. */
    private record Place(String name, int line, int way) {
        @Override
        public String toString() {
            return name + ":" + line + " way " + way;
        }
    }

    /** How often a way was gone. */
    private record Gone(Place place, int seeds, long times) {}

    Branches(ClassLoader parent) {
        super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        boolean anew = (name.startsWith(DECIDE) || name.startsWith(SIMULATION)) && !name.equals(COUNTER);
        if (!anew) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            byte[] bytes = read(name);
            byte[] defined = name.startsWith(DECIDE) ? counted(name, bytes) : bytes;
            return defineClass(name, defined, 0, defined.length);
        }
    }

    private byte[] read(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] counted(String name, byte[] bytes) {
        ClassFile format = ClassFile.of(
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(getParent())
                        .orElse(ClassHierarchyResolver.defaultResolver())));
        ClassModel model = format.parse(bytes);
        String simple = name.substring(DECIDE.length()).replaceAll("[$].*", "");
        return format.transformClass(model, (builder, element) -> {
            if (element instanceof MethodModel method && method.code().isPresent()) {
                builder.transformMethod(method, (methodBuilder, part) -> {
                    if (part instanceof CodeModel code) {
                        Set<Label> impossible = impossible(code);
                        int[] line = {0};
                        methodBuilder.transformCode(
                                code, (out, instruction) -> count(out, instruction, simple, line, impossible));
                    } else {
                        methodBuilder.with(part);
                    }
                });
            } else {
                builder.with(element);
            }
        });
    }

    /** What the compiler adds to switches that name every case. */
    private static Set<Label> impossible(CodeModel code) {
        Set<Label> found = new HashSet<>();
        List<Label> waiting = new ArrayList<>();
        for (CodeElement element : code) {
            if (element instanceof LabelTarget target) {
                waiting.add(target.label());
            } else if (element instanceof Instruction) {
                if (element instanceof NewObjectInstruction made
                        && made.className().asInternalName().equals("java/lang/MatchException")) {
                    found.addAll(waiting);
                }
                waiting.clear();
            }
        }
        return found;
    }

    private void count(CodeBuilder out, CodeElement element, String name, int[] line, Set<Label> impossible) {
        switch (element) {
            case LineNumber number -> {
                line[0] = number.line();
                out.with(element);
            }
            case BranchInstruction branch
            when branch.opcode() != Opcode.GOTO && branch.opcode() != Opcode.GOTO_W -> {
                Label taken = out.newLabel();
                Label on = out.newLabel();
                out.branch(branch.opcode(), taken);
                hit(out, name, line[0]);
                out.goto_(on).labelBinding(taken);
                if (!impossible.contains(branch.target())) {
                    hit(out, name, line[0]);
                }
                out.goto_(branch.target()).labelBinding(on);
            }
            case LookupSwitchInstruction chosen -> {
                Ways ways = new Ways(out, impossible);
                out.lookupswitch(ways.to(chosen.defaultTarget()), ways.to(chosen.cases()));
                ways.count(name, line[0]);
            }
            case TableSwitchInstruction chosen -> {
                Ways ways = new Ways(out, impossible);
                out.tableswitch(
                        chosen.lowValue(),
                        chosen.highValue(),
                        ways.to(chosen.defaultTarget()),
                        ways.to(chosen.cases()));
                ways.count(name, line[0]);
            }
            default -> out.with(element);
        }
    }

    /** The ways out of a switch, each over a counter. */
    private final class Ways {
        private final CodeBuilder out;
        private final Set<Label> impossible;
        private final List<Label> over = new ArrayList<>();
        private final List<Label> targets = new ArrayList<>();

        Ways(CodeBuilder out, Set<Label> impossible) {
            this.out = out;
            this.impossible = impossible;
        }

        Label to(Label target) {
            if (impossible.contains(target)) {
                return target;
            }
            Label label = out.newLabel();
            over.add(label);
            targets.add(target);
            return label;
        }

        List<SwitchCase> to(List<SwitchCase> cases) {
            return cases.stream()
                    .map(one -> SwitchCase.of(one.caseValue(), to(one.target())))
                    .toList();
        }

        void count(String name, int line) {
            for (int i = 0; i < over.size(); i++) {
                out.labelBinding(over.get(i));
                hit(out, name, line);
                out.goto_(targets.get(i));
            }
        }
    }

    private void hit(CodeBuilder out, String name, int line) {
        int number;
        synchronized (places) {
            number = places.size();
            places.add(new Place(name, line, ways.merge(name + ":" + line, 1, Integer::sum)));
        }
        out.loadConstant(number).invokestatic(COUNTER_DESC, "hit", HIT);
    }

    /** A campaign in which they are counted. */
    @SuppressWarnings("unchecked")
    Map<String, Long> run(long seeds, long first, Mutation mutation) {
        try {
            Method of =
                    loadClass(Campaign.class.getName()).getDeclaredMethod("of", long.class, long.class, String.class);
            of.setAccessible(true);
            return ((Callable<Map<String, Long>>) of.invoke(null, seeds, first, mutation.name())).call();
        } catch (Exception e) {
            throw new IllegalStateException("the campaign cannot be run with its branches counted", e);
        }
    }

    /** How many ways there are and were gone, which of them most rarely, and the lines with one that never was. */
    String summary() {
        List<Gone> all = gone();
        List<Gone> occurred = all.stream().filter(one -> one.seeds() > 0).toList();
        Map<String, Set<Integer>> never = new TreeMap<>();
        all.stream()
                .filter(one -> one.seeds() == 0)
                .map(Gone::place)
                .forEach(place -> never.computeIfAbsent(place.name(), absent -> new TreeSet<>())
                        .add(place.line()));
        StringBuilder text = new StringBuilder(String.format(
                "branches of decide: %d of %d occurred (%.1f %%); the rarest of them:%n",
                occurred.size(), all.size(), 100.0 * occurred.size() / Math.max(1, all.size())));
        occurred.stream().limit(RAREST).forEach(one -> text.append(line(one)));
        text.append(String.format("lines with one that did not occur:%n"));
        never.forEach((name, lines) -> text.append(String.format("  %s %s%n", name, lines)));
        return text.toString();
    }

    /** Every way, those first that were never gone, and how often each was. */
    String table() {
        return gone().stream().map(Branches::line).collect(Collectors.joining());
    }

    private List<Gone> gone() {
        synchronized (places) {
            return IntStream.range(0, places.size())
                    .mapToObj(number ->
                            new Gone(places.get(number), CountingThread.seeds(number), CountingThread.times(number)))
                    .sorted(Comparator.comparingInt(Gone::seeds)
                            .thenComparingLong(Gone::times)
                            .thenComparing(one -> one.place().name())
                            .thenComparingInt(one -> one.place().line())
                            .thenComparingInt(one -> one.place().way()))
                    .toList();
        }
    }

    private static String line(Gone one) {
        return String.format(
                "  %,12d times in %,6d seeds  %-32s %s%n", one.times(), one.seeds(), one.place(), source(one.place()));
    }

    private static String source(Place place) {
        try (Stream<String> lines = Files.lines(SOURCES.resolve(place.name() + ".java"))) {
            return lines.skip(place.line() - 1).findFirst().orElse("").strip();
        } catch (IOException e) {
            return ""; // run from another folder than Maven does
        }
    }
}
