package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

// The API server checks the default {"initdb": {}} before it fills in the fields' own defaults, hence the has().
/** A new, empty database cluster. */
@ValidationRule(
        value = "!has(self.encoding) || self.encoding == 'UTF8' || self.locale in ['C', 'POSIX']",
        messageExpression = "'encoding %s does not go with locale %s: write locale: C, or leave encoding out for "
                + "UTF8'.format([self.encoding, self.locale])",
        message = "an encoding other than UTF8 needs locale: C")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Initdb(
        @JsonPropertyDescription(
                "Name of the database that is made for the application. \"postgres\" is there anyway and stays the"
                        + " superuser's. Default: app.")
        @Default("app")
        @Size(min = 1, max = 63)
        @ValidationRule(value = Formats.IDENTIFIER, messageExpression = Formats.NOT_AN_IDENTIFIER)
        @ValidationRule(
                value = "!(self in ['postgres', 'template0', 'template1', 'replication', 'all', 'sameuser',"
                        + " 'samerole', 'samegroup'])",
                messageExpression =
                        "'\"%s\" is made by PostgreSQL itself or a key word of pg_hba.conf: write another name, such as "
                                + "app'.format([self])",
                message = "a database name that PostgreSQL reserves: write another, such as app")
        String database,

        @JsonPropertyDescription(
                "Name of the role that owns that database and that applications log in as, by password. Not a superuser."
                        + " Default: app.")
        @Default("app")
        @Size(min = 1, max = 63)
        @ValidationRule(value = Formats.IDENTIFIER, messageExpression = Formats.NOT_AN_IDENTIFIER)
        @ValidationRule(
                value = "!(self in " + Formats.RESERVED_ROLES
                        + ") && !self.startsWith('pg_') && !(self in ['all', 'public', 'none'])",
                messageExpression =
                        "'\"%s\" is a role of PostgreSQL or of the operator, or a key word: write another name, such as "
                                + "app'.format([self])",
                message = "a role name that PostgreSQL or the operator reserves: write another, such as app")
        String owner,

        @JsonPropertyDescription(
                "Whether the owner may create further databases (CREATEDB), as Backstage and Harness do. Default: true.")
        @Default("true")
        Boolean ownerCanCreateDatabases,

        @JsonPropertyDescription("Encoding of the databases, by PostgreSQL's name. Default: UTF8.")
        @Default("UTF8")
        @Size(min = 1, max = 20)
        @ValidationRule(
                value = "self in ['UTF8', 'SQL_ASCII', 'LATIN1', 'LATIN2', 'LATIN3', 'LATIN4', 'LATIN5',"
                        + " 'LATIN6', 'LATIN7', 'LATIN8',"
                        + " 'LATIN9', 'LATIN10', 'WIN1250', 'WIN1251', 'WIN1252', 'WIN1253', 'WIN1254',"
                        + " 'WIN1255', 'WIN1256', 'WIN1257',"
                        + " 'WIN1258', 'WIN866', 'WIN874', 'ISO_8859_5', 'ISO_8859_6', 'ISO_8859_7',"
                        + " 'ISO_8859_8', 'KOI8R', 'KOI8U',"
                        + " 'EUC_CN', 'EUC_JP', 'EUC_JIS_2004', 'EUC_KR', 'EUC_TW']",
                messageExpression =
                        "'\"%s\" is no server encoding of PostgreSQL: write UTF8, or one of the table in its manual, section "
                                + "Character Set Support'.format([self])",
                message = "not a server encoding of PostgreSQL: write UTF8")
        String encoding,

        @JsonPropertyDescription(
                "Locale of the databases: sort order and character classes. The image must know it; the stock one knows C, POSIX,"
                        + " C.UTF-8 and en_US.utf8. Default: C.UTF-8.")
        @Default("C.UTF-8")
        @Size(min = 1, max = 64)
        @ValidationRule(
                value = "self.matches('^[a-zA-Z0-9][-a-zA-Z0-9_.@]*$')",
                messageExpression = "'\"%s\" is no locale: write C.UTF-8, C or en_US.utf8, say'.format([self])")
        String locale,

        @JsonPropertyDescription("Size of one WAL segment file in MiB, a power of two. Default: 16.")
        @Default("16")
        @Min(1)
        @Max(1024)
        @ValidationRule(
                value = "self in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]",
                messageExpression = "'%s is no power of two: write 16, 32 or 64, say'.format([self])",
                message = "not a power of two: write 16, 32 or 64, say")
        @Nullable
        Integer walSegmentSizeMegabytes) {
    static final Initdb DEFAULT = new Initdb("app", "app", true, "UTF8", "C.UTF-8", null);

    public Initdb {
        database = Objects.requireNonNullElse(database, "app");
        owner = Objects.requireNonNullElse(owner, "app");
        ownerCanCreateDatabases = Objects.requireNonNullElse(ownerCanCreateDatabases, true);
        encoding = Objects.requireNonNullElse(encoding, "UTF8");
        locale = Objects.requireNonNullElse(locale, "C.UTF-8");
    }
}
