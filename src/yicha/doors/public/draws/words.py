"""What the program in the browser says of each check; its names are those of `verify_draw.py`."""

from __future__ import annotations

from django.utils.translation import gettext as _


def file_words(name: str) -> str:
    """What a published file is."""
    return {
        "manifest.json": _("what was fixed before anybody could know the seed"),
        "population.tsv": _("everything that could be drawn"),
        "exclusions.tsv": _("what could not be drawn, and why"),
        "tasks.tsv": _("how many officers each agency sends on each visit"),
        "eligibility.tsv": _("which officers may go"),
        "result.json": _("reveals, beacon, seed, and what was drawn"),
        "void.json": _("why the draw does not count, and who signed"),
        "verify_draw.py": _("the program that recomputes all of it"),
        "SHA256SUMS": _("the hash of every file"),
    }.get(name, _("a further draw for places that nobody took"))


def words() -> dict[str, object]:
    """The sentences in the reader's language; places such as %(hash)s are filled in the browser."""
    return {
        "holds": _holds(),
        "fails": _fails(),
        "fetching": _("Fetching %(file)s …"),
        "computing": _("Computing tickets: %(done)s of %(total)s …"),
        "unreachable": _("The files could not be fetched (%(problem)s). Check the connection and try again."),
        "insecure": _(
            "This browser computes hashes over https only. Or download the files and run verify_draw.py."
        ),
        "verdictHolds": _("Everything holds: the result follows from the published files."),
        "verdictFails": _("Something does not hold. The last line says what."),
        "other": _("The files do not agree with each other."),
    }


def _holds() -> dict[str, str]:
    return {
        "sums": _("%(files)s files are what the list of sums says."),
        "manifest-hash": _("Manifest hash: %(hash)s, as on this page."),
        "manifest": _("The manifest of draw %(draw)s is well formed; %(participants)s agencies committed."),
        "population": _(
            "%(population)s objects in %(strata)s strata, %(excluded)s excluded; %(toDraw)s to be drawn by the rates."
        ),
        "tasks": _(
            "%(tasks)s tasks, %(possibilities)s possible assignments, at most %(cap)s visits per officer."
        ),
        "void": _("This draw is void: %(reason)s (signed by %(signatures)s)."),
        "result": _("Not drawn yet: there is no result."),
        "seed": _(
            "Seed %(seed)s follows from manifest, beacon and %(revealed)s reveals; %(withheld)s were withheld."
        ),
        "selection": _(
            "%(tickets)s tickets: %(drawn)s drawn, %(skipped)s skipped, "
            "%(supplements)s supplements; %(standing)s stand."
        ),
        "assignment": _("All %(places)s places computed anew: %(officers)s officers, as published."),
    }


def _fails() -> dict[str, str]:
    return {
        "sums": _("A file is not what the list of sums says."),
        "manifest-hash": _("The manifest is not the one whose hash was published."),
        "file-missing": _("A file is missing."),
        "json-form": _("A document is not in its canonical form."),
        "file-hash": _("A table is not the one that the manifest names."),
        "merkle-root": _("The Merkle root of a table does not agree."),
        "quota": _("A quota does not follow from its rate."),
        "commitment": _("A reveal is not what the agency committed to."),
        "seed": _("The seed does not follow from manifest, reveals and beacon."),
        "selection": _("The objects drawn are not those with the lowest tickets."),
        "replacements": _("A replacement is not the next ticket of its stratum."),
        "supplement": _("A supplement does not follow from its own manifest and beacon."),
        "assignment": _("The officers drawn are not those that the rule gives."),
    }
