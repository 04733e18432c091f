"""Everything that must hold before a change is merged; .ci/run calls it inside a fresh virtual environment.

It needs nothing but Python to start: the first step is the README's own command, which installs the package and tests it. A step that
fails does not stop the ones after it. The last line is `N passed, N failed` and counts notebooks, each run in a process of its own
with its slow cells; the exit code says whether everything held."""
import hashlib, re, subprocess, sys, time
from collections.abc import Callable
from functools import partial
from pathlib import Path

root = Path(__file__).resolve().parent.parent

def run(*cmd:str)->bool:
    "Whether `cmd` succeeded"
    return subprocess.run(cmd, cwd=root).returncode == 0

def readme_command()->str:
    "The line of the README that installs and tests"
    fences = re.findall(r'^```(?:bash|sh)\n(.*?)^```', (root/'README.md').read_text(encoding='utf-8'), re.M|re.S)
    lines = [line for fence in fences for line in fence.splitlines() if re.search(r'pip install .*&& *nbdev_test', line)]
    if not lines: raise ValueError('README.md has no `pip install … && nbdev_test` line in a bash fence')
    return lines[0]

def tree()->dict[str,str]:
    "Path -> content hash of every file that git tracks or would add"
    names = subprocess.check_output(['git', 'ls-files', '-zco', '--exclude-standard'], cwd=root, text=True).split('\0')
    return {n: hashlib.sha256((root/n).read_bytes()).hexdigest() for n in names if (root/n).is_file()}

def unchanged_by(*cmd:str)->bool:
    "Whether `cmd` succeeds and leaves every file as it was"
    before = tree()
    ok = run(*cmd)
    after = tree()
    changed = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
    for n in changed: print(f'{cmd[0]} changed {n}')
    return ok and not changed

def notebook(path:Path)->bool:
    "Whether the notebook at `path`, with its slow cells, passes in a process of its own"
    cmd = ['nbdev_test', str(path), '--flags', 'slow', '--n-workers', '0']
    out = subprocess.run(cmd, cwd=root, text=True, stdout=subprocess.PIPE, timeout=1600).stdout
    return 'Success.' in out.splitlines()  # not the exit code: it is 0 too when nothing was tested

def step(name:str, check:Callable[[],bool])->bool:
    "Run one check, and say how it went"
    print(f'\n== {name}', flush=True)
    start = time.monotonic()
    try: ok = check()
    except Exception as e: print(f'{type(e).__name__}: {e}'); ok = False
    print(f'== {name}: {"ok" if ok else "FAILED"}, {time.monotonic()-start:.0f} s', flush=True)
    return ok

def main()->None:
    python = sys.executable
    checks:dict[str,Callable[[],bool]] = {
        'install and test, as the README says': lambda: run('bash', '-c', readme_command()),
        'notebooks are exported': lambda: unchanged_by('nbdev-export'),
        'notebooks are clean': lambda: unchanged_by('nbdev-clean'),
        'README.md is fresh': lambda: run(python, 'tools/readme.py', '--check'),
        'types': lambda: run(python, '-m', 'mypy'),
        'documentation': lambda: run(python, 'tools/docs.py'),
    }
    failed = [name for name,check in checks.items() if not step(name, check)]
    notebooks = sorted(p.relative_to(root) for p in (root/'nbs').rglob('[!._]*.ipynb') if '.ipynb_checkpoints' not in p.parts)
    passed = [step(str(p), partial(notebook, p)) for p in notebooks]
    if failed: print(f'\nfailed: {", ".join(failed)}')
    print(f'\n{sum(passed)} passed, {len(passed)-sum(passed)} failed')
    sys.exit(bool(failed) or not passed or not all(passed))

if __name__ == '__main__': main()
