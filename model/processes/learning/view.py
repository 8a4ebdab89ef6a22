"""What learning knows of people, teams, schools and ties, and the room it works in."""

from typing import Annotated, NamedTuple

from model.columns import Codes, Flags, Floats, Ids, Positions, Rows


class View(NamedTuple):
    """What learning knows of people, their teams, their schools and ties, and the region's reference."""

    id: Annotated[Ids, "teachers.id"]
    subject: Annotated[Codes, "teachers.subject"]
    experience: Annotated[Floats, "teachers.experience"]
    honour: Annotated[Codes, "teachers.honour"]
    skill: Annotated[Floats, "teachers.skill"]
    team_order: Annotated[Rows, "index.team_order"]
    team_start: Annotated[Rows, "index.team_start"]
    tie_start: Annotated[Rows, "index.tie_start"]
    source: Annotated[Rows, "ties.source"]
    layer: Annotated[Codes, "ties.layer"]
    strength: Annotated[Floats, "ties.strength"]
    region: Annotated[Rows, "schools.region"]
    practice: Annotated[Floats, "schools.practice"]
    outreach: Annotated[Floats, "schools.outreach"]
    weakest: Annotated[Flags, "schools.uplift"]
    reference_low: Annotated[Floats, "regions.reference_low"]
    reference_step: Annotated[Floats, "regions.reference_step"]
    reference: Annotated[Floats, "regions.reference"]
    practice_mean: Annotated[Floats, "regions.practice_mean"]
    practice_sd: Annotated[Floats, "regions.practice_sd"]
    training: Annotated[Rows, "attributes.training"]
    trained: Annotated[Floats, "attributes.trained"]
    uplift: Annotated[Floats, "attributes.uplift"]
    studio: Annotated[Floats, "attributes.studio"]
    research: Annotated[Floats, "attributes.research"]
    cultivation: Annotated[Floats, "attributes.cultivation"]


class Growth(NamedTuple):
    """What moves `extra`."""

    team_order: Annotated[Rows, "index.team_order"]
    team_start: Annotated[Rows, "index.team_start"]
    region: Annotated[Rows, "schools.region"]
    post: Annotated[Rows, "teachers.post"]
    talent: Annotated[Floats, "teachers.talent"]
    career: Annotated[Floats, "teachers.career"]
    match: Annotated[Floats, "teachers.match"]
    before: Annotated[Floats, "teachers.extra"]
    was: Annotated[Floats, "teachers.skill"]


class Room(NamedTuple):
    """Scratch for one school, by teacher in team order; by research tie its source and the running sum of weight."""

    ids: Ids
    skill: Floats
    faded: Floats
    gaps: Floats
    u: Floats
    v: Floats
    order: Positions
    sources: Positions
    sums: Floats
