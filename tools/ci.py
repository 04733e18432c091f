"""Everything that must hold before a change is merged; .ci/run calls it inside a fresh virtual environment.

    python tools/ci.py               all checks, and every notebook with its slow cells
    python tools/ci.py --fast        all checks, and every notebook without its slow cells
    python tools/ci.py --shard 2/4   no checks, and the second quarter of the notebooks with their slow cells

It needs nothing but Python to start: the first check is the README's own command, which installs the package and tests it. A step that
fails does not stop the ones after it. The last line is `N passed, N failed` and counts notebooks, each run in a process of its own;
the exit code says whether everything held."""
import argparse, hashlib, re, shutil, subprocess, sys, time
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

def readme_works()->bool:
    "Whether the README's command installs the package and passes; `which`, because Windows has another bash beside the one on the path"
    return run(shutil.which('bash') or 'bash', '-c', readme_command())

def spelled()->bool:
    "Whether codespell finds no misspelt word in a file that git tracks"
    return run('codespell', *subprocess.check_output(['git', 'ls-files'], cwd=root, text=True).splitlines())

def notebook(path:Path, fast:bool)->bool:
    "Whether the notebook at `path` passes in a process of its own, with its slow cells unless `fast`"
    cmd = ['nbdev_test', str(path), '--n-workers', '0'] + ([] if fast else ['--flags', 'slow'])
    out = subprocess.run(cmd, cwd=root, text=True, encoding='utf-8', errors='replace', stdout=subprocess.PIPE, timeout=1600).stdout
    return 'Success.' in out.splitlines()  # not the exit code: it is 0 too when nothing was tested

def step(name:str, check:Callable[[],bool])->bool:
    "Run one check, and say how it went"
    print(f'\n== {name}', flush=True)
    start = time.monotonic()
    try: ok = check()
    except Exception as e: print(f'{type(e).__name__}: {e}'); ok = False
    print(f'== {name}: {"ok" if ok else "FAILED"}, {time.monotonic()-start:.0f} s', flush=True)
    return ok

def share(text:str)->tuple[int,int]:
    "`i/n`, as in the second of four: `2/4`"
    m = re.fullmatch(r'(\d+)/(\d+)', text)
    if not m or not 1 <= int(m[1]) <= int(m[2]): raise argparse.ArgumentTypeError(f'{text!r} is not i/n with i from 1 to n, as in 2/4')
    return int(m[1]), int(m[2])

def main()->None:
    parser = argparse.ArgumentParser(description='Everything that must hold before a change is merged')
    parser.add_argument('--fast', action='store_true', help='leave out the slow cells')
    parser.add_argument('--shard', type=share, metavar='I/N', help='this share of the notebooks alone, without the checks')
    args = parser.parse_args()
    python = sys.executable
    checks:dict[str,Callable[[],bool]] = {
        'install and test, as the README says': readme_works,
        'notebooks are exported': lambda: unchanged_by('nbdev-export'),
        'notebooks are clean': lambda: unchanged_by('nbdev-clean'),
        'README.md is fresh': lambda: run(python, 'tools/readme.py', '--check'),
        'no faults in the code (ruff)': lambda: run('ruff', 'check'),
        'spelling (codespell)': spelled,
        'types': lambda: run(python, '-m', 'mypy'),
        'documentation': lambda: run(python, 'tools/docs.py'),
    }
    failed = [] if args.shard else [name for name,check in checks.items() if not step(name, check)]
    notebooks = sorted(p.relative_to(root) for p in (root/'nbs').rglob('[!._]*.ipynb') if '.ipynb_checkpoints' not in p.parts)
    if args.shard: notebooks = notebooks[args.shard[0]-1::args.shard[1]]
    passed = [step(p.as_posix(), partial(notebook, p, args.fast)) for p in notebooks]
    if failed: print(f'\nfailed: {", ".join(failed)}')
    print(f'\n{sum(passed)} passed, {len(passed)-sum(passed)} failed')
    sys.exit(bool(failed) or not passed or not all(passed))

if __name__ == '__main__': main()
