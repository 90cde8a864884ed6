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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/**
 * Counts the branches of {@code decide}: loads its classes, and those of the simulation that use them, anew, with a counter at either way of each
 * condition and at each case of a switch.
 */
final class Branches extends ClassLoader {
    private static final String DECIDE = "dev.primacy.operator.decide.";
    private static final String SIMULATION = "dev.primacy.operator.sim.";
    private static final String COUNTERS = BranchCounters.class.getName();
    private static final ClassDesc COUNTERS_DESC = ClassDesc.of(COUNTERS);
    private static final MethodTypeDesc HIT = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);

    /** Where each counter is. */
    private final List<String> places = new ArrayList<>();

    Branches(ClassLoader parent) {
        super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        boolean anew = (name.startsWith(DECIDE) || name.startsWith(SIMULATION)) && !name.equals(COUNTERS);
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
            places.add(name + ":" + line);
        }
        out.loadConstant(number).invokestatic(COUNTERS_DESC, "hit", HIT);
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

    /** How many ways there are and were gone, and the lines with a way that was never gone. */
    String report() {
        synchronized (places) {
            Map<String, Set<Integer>> never = new TreeMap<>();
            int gone = 0;
            for (int i = 0; i < places.size(); i++) {
                String[] place = places.get(i).split(":", 2);
                if (BranchCounters.of(i) > 0) {
                    gone++;
                } else {
                    never.computeIfAbsent(place[0], absent -> new TreeSet<>()).add(Integer.valueOf(place[1]));
                }
            }
            StringBuilder text = new StringBuilder(String.format(
                    "branches of decide: %d of %d occurred (%.1f %%); lines with one that did not:%n",
                    gone, places.size(), 100.0 * gone / Math.max(1, places.size())));
            never.forEach((name, lines) -> text.append(String.format("  %s %s%n", name, lines)));
            return text.toString();
        }
    }
}
