"""A roster of 100,000 teachers is imported in seconds and within bounded memory."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import datetime, re, sys, time
from pathlib import Path
from scenarios.rosters.county import county_of
from scenarios.rosters.problems import Notes
from scenarios.rosters.write import written
began = time.process_time()
county = county_of([Path(sys.argv[1])], Notes(), datetime.date(2024, 9, 1))
assert len(written(county, "x").files) == 3
print(sum(map(len, county.teachers.values())), time.process_time() - began)
# The peak that getrusage gives begins with that of the process which started this one.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""
SUBJECTS = ("语文", "数学", "英语", "科学", "体育", "音乐")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_a_hundred_thousand_teachers(tmp_path: Path) -> None:
    schools = "".join(f"{n:05d},第{n}小学,小学,镇区,600,{70 + n % 13}\n" for n in range(2500))
    teachers = "".join(
        f"T{n:07d},教师{n},{n % 2500:05d},{SUBJECTS[n % 6]},是,{n % 36},一级,无,编内\n" for n in range(100_000)
    )
    (tmp_path / "schools.csv").write_text(f"学校编号,学校名称,学段,城乡,学生数,平均分2024\n{schools}", encoding="gbk")
    head = "工号,姓名,学校,任教学科,学科对口,教龄,职称,骨干称号,编制\n"
    (tmp_path / "teachers.csv").write_text(head + teachers, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True, check=True)
    count, seconds, megabytes = done.stdout.split()
    assert int(count) == 100_000
    assert float(seconds) < 20.0
    assert int(megabytes) < 512
