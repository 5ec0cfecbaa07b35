"""What is compared of two machines: identifiers, names, addresses, system, size, place."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

CLONE = r"[-_. ](old|bak|backup|sauv|sauvegarde|dr|pra|clone|copy|copie|new|tmp|test|archive|decom|orig)[-_]?\d*$"
"""What people add to the name of a machine when they make another of it."""
NO_SERIAL = (
    "none",
    "0",
    "unknown",
    "na",
    "n/a",
    "defaultstring",
    "tobefilledbyo.e.m.",
    "notspecified",
    "systemserialnumber",
)
NO_ADDRESS = r"^(127\.|169\.254\.|0\.0\.0\.0|::1$|fe80:)"
FAMILIES = {
    "windows": "windows", "red hat": "rhel", "redhat": "rhel", "rhel": "rhel", "debian": "debian", "ubuntu": "ubuntu",
    "centos": "centos", "suse": "suse", "sles": "suse", "alma": "alma", "rocky": "rocky", "oracle": "oracle", "solaris": "solaris",
    "aix": "aix", "freebsd": "freebsd", "photon": "photon", "macos": "macos",
}  # fmt: skip
KEYS = ("_uuid", "_serial", "_pure", "_fqdn")
"""What two records of one machine have in common, one of them at least."""


def profile(servers: pl.DataFrame) -> pl.DataFrame:
    """What is compared of each machine; ``id`` first, a row a machine, in the order given."""
    low = pl.col("name").str.to_lowercase().str.strip_chars()
    is_address = low.str.contains(r"^[\d.]+$")
    host = pl.when(is_address).then(low).otherwise(low.str.replace(r"\..*$", ""))
    found = servers.select(
        "id", "vcpu", "ram_gib",
        canonical_uuid(pl.col("uuid")).alias("_uuid"),
        serial(pl.col("serial")).alias("_serial"),
        host.alias("_host"),
        pl.coalesce(pl.col("fqdn").str.to_lowercase(), pl.when(low.str.contains(r"\.") & ~is_address).then(low)).alias("_fqdn"),
        addresses().alias("_addresses"),
        system_family(pl.col("os")).alias("_family"),
        pl.col("os").str.extract(r"(\d+)").alias("_version"),
        *(pl.col(c).str.to_lowercase().str.strip_chars().alias(f"_{c}") for c in ("cluster", "site_id", "organisation_id", "environment")),
        pl.col("host_id").str.to_lowercase().str.replace(r"\..*$", "").alias("_host_id"),
    )  # fmt: skip
    base = pl.col("_host").str.replace(CLONE, "")
    pure = base.str.replace_all(r"[^a-z0-9]", "").str.replace_all(r"(^|[^0-9])0+([0-9])", "${1}${2}")
    found = found.with_columns(
        pl.col("_host").str.extract(CLONE).alias("_clone"),
        pl.when(pure != "").then(pure).alias("_pure"),
        pl.col("_fqdn").str.extract(r"^[^.]+\.(.+)$").alias("_domain"),
    )
    return found.with_columns(
        pl.col("_pure").str.replace_all(r"\d", "").alias("_letters"),
        pl.col("_pure").str.extract_all(r"\d+").list.join("-").alias("_digits"),
    )


def canonical_uuid(column: pl.Expr) -> pl.Expr:
    """A UUID as it is compared: hexadecimal digits, in whichever byte order comes first.

    The firmware's table (SMBIOS 2.6, §7.2.1) keeps the first three fields little-endian, and tools differ on undoing it.
    """
    digits = column.str.to_lowercase().str.replace_all(r"[^0-9a-f]", "")
    text = pl.when(digits.str.len_chars() == 32).then(digits)
    swapped = text.str.replace(r"^(..)(..)(..)(..)(..)(..)(..)(..)(.{16})$", "${4}${3}${2}${1}${6}${5}${8}${7}${9}")
    first = pl.min_horizontal(text, swapped)
    void = text.is_in(["0" * 32, "f" * 32])
    plain = column.str.to_lowercase().str.strip_chars()
    return (
        pl.when(digits.str.len_chars() == 32)
        .then(pl.when(~void).then(first))
        .otherwise(pl.when(plain != "").then(plain))
    )


def serial(column: pl.Expr) -> pl.Expr:
    """A serial number as it is compared; that of a VMware machine is its UUID written otherwise."""
    plain = column.str.to_lowercase().str.replace_all(r"\s", "")
    virtual = canonical_uuid(
        pl.when(plain.str.starts_with("vmware-")).then(plain.str.replace("vmware-", "", literal=True))
    )
    return pl.when(~plain.is_in(list(NO_SERIAL)) & (plain != "")).then(pl.coalesce(virtual, plain))


def addresses() -> pl.Expr:
    """Every address of a machine that could tell it from another."""
    every = pl.concat_str(["ip", "addresses"], separator="|", ignore_nulls=True)
    cut = every.str.to_lowercase().str.replace_all(r"[,;\s]+", "|").str.split("|")
    return cut.list.eval(
        pl.element().filter((pl.element() != "") & ~pl.element().str.contains(NO_ADDRESS))
    ).list.unique()


def system_family(column: pl.Expr) -> pl.Expr:
    """The family of an operating system, by the first of the known words in its name."""
    low = column.str.to_lowercase()
    return low.str.extract("(" + "|".join(FAMILIES) + ")").replace(FAMILIES)


def compared(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """The level observed for every term of some pairs; null where one of the two does not know.

    Args:
        left: profiles, a row a pair.
        right: the same of the others; ``_i`` numbers the pairs in both.
    """
    from rapidfuzz.distance import OSA

    pairs = pl.concat([left, right.rename({c: c + "_r" for c in right.columns})], how="horizontal")
    pairs = with_likeness(pairs, "_letters", "_distance", lambda a, b: OSA.distance(a, b, score_cutoff=2))
    return pairs.select(
        *_identity(), _name().alias("name"), _equal("_domain").alias("domain"), _address().alias("address"), _system().alias("os"),
        _equal("vcpu").alias("vcpu"), _memory().alias("memory"), _equal("_cluster").alias("cluster"),
        _equal("_host_id").alias("host"), _equal("_site_id").alias("site"), _equal("_organisation_id").alias("organisation"),
        _equal("_environment").alias("environment"),
    )  # fmt: skip


def with_likeness(pairs: pl.DataFrame, column: str, name: str, measure: Callable[[str, str], float]) -> pl.DataFrame:
    """*pairs* with a measure of two texts, taken once for every two that are not the same.

    Args:
        pairs: with *column* and ``<column>_r``.
        column: the texts.
        name: the column of the measure; null where one text is unknown, and where both are the same.
        measure: of two texts.
    """
    asked = pairs.select(column, column + "_r").drop_nulls().filter(pl.col(column) != pl.col(column + "_r")).unique()
    found = [measure(left, right) for left, right in asked.iter_rows()]
    asked = asked.with_columns(pl.Series(name, found, dtype=pl.Float64))
    return pairs.join(asked, on=[column, column + "_r"], how="left", maintain_order="left")


def _equal(column: str) -> pl.Expr:
    same = pl.col(column) == pl.col(column + "_r")
    return pl.when(same).then(pl.lit("same")).when(~same).then(pl.lit("differs"))


def _identity() -> tuple[pl.Expr, pl.Expr]:
    """Whether an identifier is the same, and whether two contradict each other: then they are two machines."""
    crossed = [pl.col(a) == pl.col(b + "_r") for a in ("_uuid", "_serial") for b in ("_uuid", "_serial")]
    same = pl.any_horizontal(c.fill_null(False) for c in crossed)
    differ = (pl.col("_uuid") != pl.col("_uuid_r")).fill_null(False) | (
        pl.col("_uuid").is_null() | pl.col("_uuid_r").is_null()
    ) & (pl.col("_serial") != pl.col("_serial_r")).fill_null(False)
    return pl.when(same).then(pl.lit("same")).alias("identifier"), (differ & ~same).alias("contradiction")


def _name() -> pl.Expr:
    clone, bare = pl.col("_clone").ne_missing(pl.col("_clone_r")), pl.col("_pure") == pl.col("_pure_r")
    digits = pl.col("_digits") == pl.col("_digits_r")
    apart = pl.when(pl.col("_letters") == pl.col("_letters_r")).then(pl.lit(0.0)).otherwise("_distance")
    shorter = pl.min_horizontal(pl.col("_letters").str.len_chars(), pl.col("_letters_r").str.len_chars())
    return (
        pl.when(pl.col("_pure").is_null() | pl.col("_pure_r").is_null()).then(pl.lit(None, pl.String))
        .when(clone & digits & (apart <= 1)).then(pl.lit("copy"))
        .when(pl.col("_host") == pl.col("_host_r")).then(pl.lit("exact"))
        .when(bare).then(pl.lit("zeros"))
        .when(~digits & (apart <= 1)).then(pl.lit("numbered"))
        .when(digits & (apart <= 1) & (shorter >= 4)).then(pl.lit("typo"))
        .when(digits & (apart <= 2) & (shorter >= 8)).then(pl.lit("near"))
        .otherwise(pl.lit("differs"))
    )  # fmt: skip


def _address() -> pl.Expr:
    shared = pl.col("_addresses").list.set_intersection(pl.col("_addresses_r"))
    lone = pl.col("_lone").list.set_intersection(pl.col("_lone_r"))
    near = pl.col("_networks").list.set_intersection(pl.col("_networks_r"))
    known = (pl.col("_addresses").list.len() > 0) & (pl.col("_addresses_r").list.len() > 0)
    return (
        pl.when(~known.fill_null(False)).then(pl.lit(None, pl.String))
        .when(lone.list.len() > 0).then(pl.lit("same"))
        .when(shared.list.len() > 0).then(pl.lit("reused"))
        .when(near.list.len() > 0).then(pl.lit("network"))
        .otherwise(pl.lit("differs"))
    )  # fmt: skip


def _system() -> pl.Expr:
    family = pl.col("_family") == pl.col("_family_r")
    version = pl.col("_version") == pl.col("_version_r")
    return (
        pl.when(family & version).then(pl.lit("same"))
        .when(family & version.is_null()).then(pl.lit("family"))
        .when(family.is_not_null()).then(pl.lit("differs"))
    )  # fmt: skip


def _memory() -> pl.Expr:
    more, less = pl.max_horizontal("ram_gib", "ram_gib_r"), pl.min_horizontal("ram_gib", "ram_gib_r")
    known = pl.col("ram_gib").is_not_null() & pl.col("ram_gib_r").is_not_null()
    # 8 GB of the maker are 7.45 GiB of the hypervisor.
    return pl.when(known & (less >= more * 0.92)).then(pl.lit("same")).when(known).then(pl.lit("differs"))


def with_rarity(profiles: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """*profiles* with the addresses that no source gives to two machines, and the networks of all.

    Args:
        profiles: as :func:`profile` gives.
        sources: ``id``, ``source``: who says each machine.
    """
    spread = profiles.select("id", pl.col("_addresses").alias("_a")).explode("_a").drop_nulls()
    borne = spread.join(sources, on="id").group_by("_a", "source").len().group_by("_a").agg(pl.col("len").max())
    lone = (
        spread.join(borne.filter(pl.col("len") == 1), on="_a", how="semi")
        .group_by("id")
        .agg(pl.col("_a").alias("_lone"))
    )
    nets = spread.group_by("id").agg(
        pl.col("_a").str.extract(r"^(\d+\.\d+\.\d+)\.").drop_nulls().unique().alias("_networks")
    )
    empty = pl.lit([], dtype=pl.List(pl.String))
    return (
        profiles.join(lone, on="id", how="left", maintain_order="left")
        .join(nets, on="id", how="left", maintain_order="left")
        .with_columns(pl.col("_lone").fill_null(empty), pl.col("_networks").fill_null(empty))
    )


def keys(profiles: pl.DataFrame) -> list[pl.DataFrame]:
    """What may bring two machines together: frames of ``_i`` (the row) and ``key``, one a way."""
    rows = profiles.with_row_index("_i")
    own = [rows.select("_i", pl.col(c).alias("key")).drop_nulls() for c in KEYS]
    crossed = rows.select("_i", pl.coalesce("_serial", "_uuid").alias("key")).drop_nulls()
    both = pl.concat([own[0], own[1], crossed]).unique()
    named = rows.select("_i", pl.col("_lone").alias("key")).explode("key").drop_nulls()
    return [both, own[2], own[3], named, _spellings(rows)]


def _spellings(rows: pl.DataFrame) -> pl.DataFrame:
    """Every name with one letter left out: two names one mistake apart have one in common."""
    named = (
        rows.select("_i", "_letters", "_digits")
        .drop_nulls()
        .filter(pl.col("_letters").str.len_chars().is_between(4, 40))
    )
    longest = named.select(pl.col("_letters").str.len_chars().max()).item() or 0
    found = [named.select("_i", pl.concat_str(["_letters", "_digits"], separator="#").alias("key"))]
    for n in range(int(longest)):
        long = named.filter(pl.col("_letters").str.len_chars() > n)
        left = pl.col("_letters").str.slice(0, n) + pl.col("_letters").str.slice(n + 1)
        found.append(long.select("_i", pl.concat_str([left, "_digits"], separator="#").alias("key")))
    return pl.concat(found).unique()
