"""Words of the built-in tasks: five pools of each kind, the first common to all tasks.

A concept is a pair of words for the same thing. For traits the pair praises and blames the same
trait ("thrifty", "stingy"): sentiment must tell the two apart, similarity must not.
"""

from dataclasses import dataclass

import numpy as np

from mtlviz.errors import ConfigError

Concept = tuple[str, str]
TOPICS = ("cinema", "school", "kitchen", "sport")
PRIVATE_POOLS = 4
FAMILIES = 12
"""Rules of sentiment that have nothing in common; as many as there are traits."""

# One line per pool; a slash joins the two words of a concept. In traits praise comes first.
_TRAITS = """
thrifty/stingy curious/nosy determined/stubborn confident/arrogant relaxed/lazy careful/timid
bold/reckless lively/hectic calm/dull proud/vain precise/pedantic playful/silly
;
generous/wasteful youthful/childish slender/skinny unique/odd assertive/pushy honest/blunt
flexible/fickle firm/rigid clever/sly eager/impatient elegant/fussy simple/crude
;
patient/slow quiet/dreary gentle/weak strong/harsh fresh/raw modest/meek
spirited/noisy ambitious/greedy frank/rude loyal/servile serious/grim witty/sarcastic
;
bright/gaudy rich/lavish classic/stale rustic/shabby vivid/garish delicate/flimsy
solid/clumsy warm/stuffy cool/chilly brave/foolhardy merry/frivolous thorough/tedious
;
discreet/secretive watchful/suspicious sensitive/touchy innocent/naive persistent/nagging
original/weird orderly/obsessive worldly/jaded dreamy/distracted talkative/gossipy
trusting/gullible mature/old
"""
_PEOPLE = """
teacher/tutor doctor/physician lawyer/attorney guest/visitor ;
friend/companion writer/author boss/manager neighbour/resident ;
child/kid worker/labourer traveller/tourist artist/painter ;
farmer/grower sailor/seaman soldier/trooper clerk/secretary ;
singer/vocalist thief/robber judge/magistrate helper/assistant
"""
_VERBS = """
saw/noticed discussed/debated chose/selected ;
described/portrayed remembered/recalled wanted/desired ;
showed/presented found/discovered mentioned/named ; watched/observed kept/retained shared/split ;
bought/purchased examined/inspected announced/declared
"""
_THINGS = {
    "cinema": "film/movie actor/performer ; scene/shot script/screenplay ; sequel/remake trailer/"
    "teaser ; comedy/farce studio/soundstage ; screen/projection premiere/opening",
    "school": "lesson/class exam/test ; essay/composition pupil/student ; textbook/reader grade/"
    "mark ; lecture/talk library/archive ; homework/assignment classroom/schoolroom",
    "kitchen": "soup/broth meal/dish ; cake/pastry stove/oven ; sauce/gravy bowl/basin ; stew/"
    "casserole pan/skillet ; dessert/pudding recipe/formula",
    "sport": "match/game coach/trainer ; race/sprint team/squad ; goal/score stadium/arena ; "
    "tournament/championship athlete/sportsman ; ball/puck medal/trophy",
}


@dataclass(frozen=True)
class Vocabulary:
    """The concepts one task speaks of.

    Attributes:
        traits: (praising, blaming) words for the same trait.
        people: Two words for the same person.
        verbs: Two words for the same act.
        things: For each topic, two words for the same thing.
    """

    traits: tuple[Concept, ...]
    people: tuple[Concept, ...]
    verbs: tuple[Concept, ...]
    things: dict[str, tuple[Concept, ...]]


def vocabulary(overlap: float, private: int) -> Vocabulary:
    """Words of a task; its size is the same whatever the overlap.

    Args:
        overlap: Share of concepts from the pool common to all tasks, 0 to 1.
        private: Which private pool the rest comes from, 0 to 3.

    Raises:
        ConfigError: An argument is outside its range.
    """
    if not isinstance(overlap, int | float) or not 0 <= overlap <= 1:
        raise ConfigError(f"`vocabulary_overlap` must lie between 0 and 1, got {overlap!r}.")
    if private not in range(PRIVATE_POOLS):
        raise ConfigError(f"`vocabulary_pool` must be 0 to {PRIVATE_POOLS - 1}, got {private!r}.")

    def mixed(pools: str) -> tuple[Concept, ...]:
        common, *others = _concepts(pools)
        shared = round(overlap * len(common))
        return common[:shared] + others[private][shared:]

    return Vocabulary(
        mixed(_TRAITS),
        mixed(_PEOPLE),
        mixed(_VERBS),
        {topic: mixed(pools) for topic, pools in _THINGS.items()},
    )


def polarities(
    traits: int, agreement: float, generator: np.random.Generator, family: int = 0
) -> np.ndarray:
    """What a task's sentiment rule makes of each trait's praising word, +1 or −1, shape (traits,).

    Its family's rule, but for the share 1 − `agreement` of the traits. As vectors over words the
    two rules have cosine 2 · agreement − 1, and the rules of two families have cosine 0.
    """
    signs = _family_rules()[family, :traits].copy()
    disagreeing = round((1 - agreement) * traits)
    signs[generator.permutation(traits)[:disagreeing]] *= -1
    return signs


def _family_rules() -> np.ndarray:
    """Twelve rules at right angles to each other, (12, 12): a Hadamard matrix, first row all 1.

    Reference:
        Paley, "On orthogonal matrices", J. Math. Phys. 12, 1933: the construction for 11.
    """
    order = FAMILIES - 1
    squares = {number**2 % order for number in range(1, order)}
    skew = np.zeros((FAMILIES, FAMILIES))
    skew[0, 1:], skew[1:, 0] = 1, -1
    for row in range(order):
        for column in range(order):
            gap = (row - column) % order
            skew[row + 1, column + 1] = 0 if gap == 0 else 1 if gap in squares else -1
    return skew + np.eye(FAMILIES)


def _concepts(pools: str) -> list[tuple[Concept, ...]]:
    return [
        tuple(tuple(concept.split("/")) for concept in pool.split()) for pool in pools.split(";")
    ]
