"""The hand-kept lists of the sample: as a DSI keeps them, `;` and Windows-1252, with holes in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from francecloud.demo.machines import age_of
from francecloud.demo.portfolio import Application, applications, bodies, chance, draw, pick

FILLED = {"good": 88, "fair": 72, "poor": 40}
"""Percent of the cells a body takes the trouble to fill."""

LANGUAGES = {
    "old": ("Java 6", "Java 7", "PHP 5.6", ".NET Framework 3.5", "Python 2.7"),
    "ageing": ("Java 8", "PHP 7.4", ".NET Framework 4.6.1", "Python 3.8", "Node.js 16"),
    "recent": ("Java 21", "PHP 8.4", ".NET 8", "Python 3.12", "Node.js 22"),
}
DATABASES = {
    "old": ("Oracle Database 11.2", "Microsoft SQL Server 2012", "MySQL 5.6", "PostgreSQL 9.6"),
    "ageing": ("Oracle Database 12.2", "Microsoft SQL Server 2016", "MySQL 5.7", "PostgreSQL 12"),
    "recent": ("PostgreSQL 16", "PostgreSQL 17", "MariaDB 11.4", "Microsoft SQL Server 2022"),
}
SECRETS = {
    "vie_privee": "Vie privée",
    "appreciation": "Appréciation",
    "delib_gouv": "Délibérations du Gouvernement",
    "affaires": "Secret des affaires",
    "surete_etat": "Sûreté de l'État",
    "autres_secrets": "Autres secrets",
    "recherche_infractions": "Recherche d'infractions",
    "monnaie_credit": "Monnaie et crédit",
    "medical": "Secret médical",
}
HARM = {
    "ordre_public": "Ordre public",
    "securite_publique": "Sécurité publique",
    "sante_vie": "Santé ou vie des personnes",
    "propriete_intellectuelle": "Propriété intellectuelle",
}
PERSONAL = {"aucune": "Aucune", "ordinaires": "Ordinaires", "art9": "Article 9", "penal": "Pénales"}
ENTITY = {"etat": "État", "operateur": "Opérateur", "gip_autre": "GIP hors liste"}
ARCHIVE = {"tiers_intermediaire": "Tiers-archivage intermédiaire", "definitif": "Définitif"}
KINDS = {
    "ministere": "Ministère",
    "dnum": "DNUM",
    "dsi": "DSI",
    "operateur": "Opérateur",
    "gip": "GIP",
    "service_territorial": "Service territorial",
}

Column = tuple[str, Callable[[Application], str]]


def yes_no(value: Any) -> str:
    """How a person writes a boolean."""
    return "Oui" if value else "Non"


def applications_bytes() -> bytes:
    """The list of applications, one a row; of an opaque one, its identifier, owner and classification only."""
    rows = [[heading for heading, _value in COLUMNS]]
    for application in applications():
        if application.opaque:
            rows.append([_opaque(application, heading) for heading, _value in COLUMNS])
        else:
            rows.append([value(application) for _heading, value in COLUMNS])
    return _table(rows)


def organisations_bytes() -> bytes:
    """The bodies and who they belong to, with the people their IT department has."""
    head = [
        "Code organisation",
        "Nom",
        "Type",
        "Organisation de rattachement",
        "Type d'entité",
        "Effectif informatique",
        "Programme LOLF",
    ]
    return _table(
        [
            head,
            *(
                [
                    b.id,
                    b.name,
                    KINDS[b.kind],
                    b.parent,
                    ENTITY[b.entity_kind],
                    str(b.staff) if b.staff else "",
                    b.programme,
                ]
                for b in bodies()
            ),
        ]
    )


def links_bytes() -> bytes:
    """Which application runs on which machine."""
    rows = [[a.id, name] for a in applications() for name in a.servers]
    return _table([["Code application", "Serveur"], *rows])


def _table(rows: Iterable[Sequence[str]]) -> bytes:
    lines = (";".join(f'"{c}"' if ";" in c or '"' in c else c for c in row) for row in rows)
    return "".join(f"{line}\r\n" for line in lines).encode("cp1252")


def _opaque(application: Application, heading: str) -> str:
    known = {
        "Code application": application.id,
        "Nom": f"Système {application.id}",
        "Code organisation": application.body.id,
        "Classification": "Secret",
    }
    return known.get(heading, "")


def _filled(application: Application, heading: str) -> bool:
    return chance(FILLED[application.body.care], application.id, heading)


def _sometimes(heading: str, value: Callable[[Application], str]) -> Column:
    """A column that people do not always fill in."""
    return heading, lambda a: value(a) if _filled(a, heading) else ""


def _secret(a: Application) -> str:
    return SECRETS[a.traits["secret"]] if "secret" in a.traits else ""


def _harm(a: Application) -> str:
    return "|".join(HARM[h] for h in a.traits["harm"]) if "harm" in a.traits else "Aucune"


def _exposure(a: Application) -> str:
    return "Internet" if a.traits.get("exposure") == "internet" else pick(("RIE", "Ministériel"), a.id, "exposure")


def _criticality(a: Application) -> str:
    return (
        "Vitale"
        if a.traits.get("vital")
        else "Haute"
        if a.traits.get("mission")
        else pick(("Faible", "Moyenne", "Moyenne", "Haute"), a.id, "criticality")
    )


def _last_used(a: Application) -> str:
    if chance(7, a.id, "abandoned"):
        return f"{1 + draw(a.id, 'day') % 28:02}/06/{pick((2021, 2022, 2023), a.id, 'last')}"
    return f"{1 + draw(a.id, 'day') % 28:02}/10/2026"


def _cost(a: Application, scale: int) -> str:
    return str(scale * (1 + draw(a.id, "cost") % 40) * (10 if a.traits.get("mission") else 1))


def _homologated(a: Application) -> bool:
    return chance(FILLED[a.body.care] - 25, a.id, "homologation")


COLUMNS: tuple[Column, ...] = (
    ("Code application", lambda a: a.id),
    ("Nom", lambda a: a.name),
    ("Code organisation", lambda a: a.body.id),
    ("Zone fonctionnelle", lambda a: a.function),
    ("Type d'entité", lambda a: ENTITY[a.body.entity_kind]),
    _sometimes("Nombre d'utilisateurs", lambda a: str(10 * (1 + draw(a.id, "users") % 900))),
    _sometimes(
        "Catégories d'utilisateurs",
        lambda a: "Agents|Particuliers" if a.traits.get("exposure") == "internet" else "Agents",
    ),
    ("Cycle de vie", lambda a: pick(("Production",) * 9 + ("Retrait", "Réalisation"), a.id, "lifecycle")),
    _sometimes("Criticité", _criticality),
    ("Environnement", lambda a: "Production"),
    _sometimes("Classification", lambda a: "Diffusion restreinte" if a.traits.get("classification") else "Aucune"),
    _sometimes("Secret protégé", lambda a: yes_no("secret" in a.traits)),
    ("Secrets protégés", _secret),
    _sometimes("Mission essentielle", lambda a: yes_no(a.traits.get("mission"))),
    _sometimes("Atteinte", _harm),
    _sometimes("Données personnelles", lambda a: PERSONAL[a.traits["personal"]]),
    _sometimes("Données de santé", lambda a: yes_no(a.traits.get("health"))),
    _sometimes("Responsable distinct de l'hébergeur", lambda a: yes_no(chance(30, a.id, "controller"))),
    _sometimes("SIIV", lambda a: yes_no(a.traits.get("vital"))),
    _sometimes("Service d'archivage", lambda a: ARCHIVE.get(a.traits.get("archive", ""), "Aucun")),
    ("Usage collaboratif", lambda a: yes_no(a.traits.get("collaborative"))),
    ("Homologation", lambda a: "Valide" if _homologated(a) else ""),
    ("Fin d'homologation", lambda a: f"31/12/{pick((2026, 2027, 2028), a.id, 'until')}" if _homologated(a) else ""),
    _sometimes(
        "Plage de service",
        lambda a: "24x7" if a.traits.get("vital") else pick(("Ouvré", "Ouvré", "Étendu"), a.id, "hours"),
    ),
    _sometimes("Exposition", _exposure),
    _sometimes("Conteneurisable", lambda a: yes_no(age_of(a) == "recent" and chance(70, a.id, "container"))),
    _sometimes("Sans état", lambda a: yes_no(age_of(a) == "recent" and chance(60, a.id, "stateless"))),
    _sometimes("Source modifiable", lambda a: yes_no(chance(60, a.id, "source"))),
    ("Hyperviseur", lambda a: "VMware vSphere"),
    _sometimes("Coût annuel de fonctionnement", lambda a: _cost(a, 4_500)),
    ("ETP", lambda a: str(1 + draw(a.id, "staff") % 9 / 2).replace(".", ",") if _filled(a, "ETP") else ""),
    ("Offre actuelle", lambda a: "outscale-cloudgouv-eu-west-1" if chance(5, a.id, "hosted") else ""),
    ("Fin de contrat", lambda a: "31/03/2027" if chance(5, a.id, "hosted") else ""),
    ("Programme LOLF", lambda a: a.body.programme),
    ("Mise en service", lambda a: f"01/{1 + draw(a.id, 'start') % 12:02}/{pick(range(2006, 2024), a.id, 'year')}"),
    _sometimes("Dernière utilisation", _last_used),
    _sometimes("Langage", lambda a: pick(LANGUAGES[age_of(a)], a.id, "language")),
    _sometimes("SGBD", lambda a: pick(DATABASES[age_of(a)], a.id, "database")),
)
"""Every heading of the list of applications and how its cells are filled."""
