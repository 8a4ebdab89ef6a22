"""One term, in order. Annual processes and rotation's decisions belong to the autumn term."""

from model.process import Process
from model.processes.attention import attention
from model.processes.culture import culture
from model.processes.families import families
from model.processes.finance import finance
from model.processes.learning import learning
from model.processes.practice import practice
from model.processes.promotion import promotion
from model.processes.rotation import rotation
from model.processes.staffing import staffing
from model.processes.teaching import teaching

TERM: tuple[Process, ...] = (
    staffing, promotion, rotation,
    attention, learning, practice,
    culture, teaching, families, finance,
)  # fmt: skip
