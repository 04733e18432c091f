"""Train small models on questions about motion, ask them again with the order of the frames destroyed, and keep the counts in a CSV.

    python tools/diagnostics.py --output results/diagnostics.csv

Trials that are in the file already are not run again, so that the whole table can be made in pieces: see `--only`, `--arms` and
`--seeds`. `--epochs` trains longer than all others do, for arms that may need it. The file has the columns diagnostic, arm, seed, epochs (of 4,096
clips), control, clips, right, seconds, command, date, hardware. A trial that fails is named, and the others go on.
"""
import csv,sys
from concurrent.futures import ProcessPoolExecutor,as_completed
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any
import torch
from lsvit.cli.console import command
from lsvit.evaluate.motion_trials import ARMS,EPOCHS,OTHERS,trial
from lsvit.device import hardware

COLUMNS = ('diagnostic','arm','seed','epochs','control','clips','right','seconds','command','date','hardware')
ALL,MAIN = (*ARMS,*OTHERS),('none','original both','signed both','causal both')
TABLE:dict[str,tuple[str,...]] = {d:MAIN for d in EPOCHS} | dict(
    dots=ALL, order=(*MAIN,'signed smif','signed lmi'),
    order_ends=('none','original both','signed both'),
    order_far=('none','original both','signed both','none, learned pool','signed both, learned pool'))

Key = tuple[str,str,int,int]  # diagnostic, arm, seed, epochs


def run(key:Key, device:str)->list[dict[str,Any]]:
    torch.set_num_threads(1)
    name,arm,seed,epochs = key
    return [r|dict(hardware=hardware(torch.device(device))) for r in trial(name, arm, seed, epochs=epochs, device=device)]

def wanted(only:list[str], arms:list[str], seeds:list[int], epochs:int)->list[Key]:
    "The trials asked for, seeds first, so that a table that was cut short has all of its arms"
    known = {a for each in TABLE.values() for a in each}
    for what,names,there in (('only',only,TABLE), ('arms',arms,known)):
        if strange:=set(names)-set(there): raise ValueError(f'--{what}: no {min(strange)!r}; there are {", ".join(there)}')
    return [(d,a,s,epochs or EPOCHS[d]) for d in only or TABLE for s in seeds for a in TABLE[d] if a in (arms or known)]

@command(name='diagnostics.py')
def main(
    output:str='results/diagnostics.csv',  # The file of counts
    only:list[str]=[],  # These diagnostics alone
    arms:list[str]=[],  # These arms alone
    seeds:list[int]=[],  # The seeds of the trials (default: 0 1 2)
    epochs:int=0,  # Passes over 4,096 clips; 0: as many as this diagnostic always has
    workers:int=2,  # Trials at a time, each on one core
    device:str='cpu',  # Where they are computed
)->int:
    out = Path(output)
    done:set[Key] = set()
    if out.exists():
        there = csv.DictReader(open(out, newline=''))
        done = {(r['diagnostic'],r['arm'],int(r['seed']),int(r['epochs'])) for r in there}
    else: out.parent.mkdir(parents=True, exist_ok=True)
    todo = [k for k in wanted(only, arms, seeds or [0,1,2], epochs) if k not in done]
    flag = f' --epochs {epochs}' if epochs else ''
    same = dict(command=f'python tools/diagnostics.py{flag}', date=date.today().isoformat())
    failed = 0
    with open(out, 'a', newline='') as f, ProcessPoolExecutor(workers, get_context('spawn')) as pool:
        w = csv.DictWriter(f, COLUMNS, lineterminator='\n')
        if not f.tell(): w.writeheader()
        jobs = {pool.submit(run, k, device):k for k in todo}
        for n,job in enumerate(as_completed(jobs), 1):
            key = jobs[job]
            try: rows = job.result()
            except Exception as e:
                failed += 1
                print(f'{n} of {len(jobs)}: {", ".join(map(str, key))} epochs: {type(e).__name__}: {e}', file=sys.stderr, flush=True)
                continue
            w.writerows(dict(zip(COLUMNS, key[:3]))|r|same for r in rows)
            f.flush()
            shares = ', '.join(f'{r["control"]} {r["right"]/r["clips"]:.3f}' for r in rows)
            print(f'{n} of {len(jobs)}: {", ".join(map(str, key))} epochs: {shares} ({rows[0]["seconds"]} s)', flush=True)
    return bool(failed)

if __name__=='__main__': sys.exit(main())
