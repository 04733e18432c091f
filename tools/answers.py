"""Train a model, ask it about clips that it was not trained on, and keep its answers in one CSV file for all tables.

    python tools/answers.py --name ucf101 --data_root ucf101 --split_dir splits …
    python tools/answers.py --name ut_interaction --data_root ut_interaction --fold_pattern 'set1_\\d+_(\\d+)_' …

The first trains on the official training side and asks about the official test side. The second leaves the clips out that share
what the pattern finds in their names, trains on the others, asks about those left out, and goes on until all have been.
All flags of lsvit_train go on to each training. What is asked is the last epoch's model: nothing is chosen by looking at the
clips left out. Answers that are in the file already are not asked again. `--output` has the columns data, motion, seed, fold, clip,
true, said.
"""
import csv,re,sys,tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from lsvit.cli import train_run
from lsvit.config import ModelConfig,TrainingConfig,add_flags,from_flags
from lsvit.console import command
from lsvit.evaluate import wilson_interval
from lsvit.splits import find_labelled

COLUMNS = ('data','motion','seed','fold','clip','true','said')


def linked(root:Path, clips:list[tuple[Path,str]])->Path:
    "A folder per class with links to the clips"
    for v,label in clips:
        (root/label).mkdir(parents=True, exist_ok=True)
        (root/label/v.name).symlink_to(v.resolve())
    return root

def folds_of(root:str, pattern:str)->dict[str,list[tuple[Path,str,bool]]]:
    "For each fold the clips, their classes, and whether they are left out"
    videos,labels,_ = find_labelled(root)
    of = [''.join(m.groups('')) if (m:=re.search(pattern, v.name)) else '' for v in videos]
    if '' in of: raise ValueError(f'{videos[of.index("")].name}: {pattern!r} with a group in it finds nothing in this name')
    return {fold: [(v, l, f==fold) for v,l,f in zip(videos, labels, of)] for fold in sorted(set(of))}

def answers(model:ModelConfig, cfg:TrainingConfig, pattern:str, done:set[str])->Iterator[list[str]]:
    "Fold, clip, true and predicted class of each clip that a model was not trained on"
    folds:dict[str,Any] = folds_of(cfg.data_root, pattern) if pattern else {f'official {cfg.split}': None}
    for fold in sorted(set(folds)-done):
        with tempfile.TemporaryDirectory() as d:
            this,test = cfg.replaced('answers', report_on='last', checkpoint_dir=str(Path(cfg.checkpoint_dir)/fold)),Path()
            if pattern:
                sides = {out:linked(Path(d)/str(out), [(v, l) for v,l,o in folds[fold] if o==out]) for out in (False,True)}
                this,test = this.replaced('answers', data_root=str(sides[False])),sides[True]
            run = train_run(model, this, held_out=test if pattern else '')
        if run: yield from ([fold, Path(v).stem, t, s] for v,t,s in zip(run.videos, run.true, run.said))


def main(args:dict[str,Any])->int:
    cfg,model = from_flags(TrainingConfig, args),from_flags(ModelConfig, args)
    if bool(args['fold_pattern'])==bool(cfg.split_dir): raise ValueError('give --fold_pattern or --split_dir')
    out,key = Path(args['output']),[args['name'], model.motion, str(cfg.seed)]
    new = not out.exists()
    rows = [] if new else [r for r in csv.reader(open(out, newline='')) if r[:3]==key]
    out.parent.mkdir(parents=True, exist_ok=True)
    with open(out, 'a', newline='') as f:
        w = csv.writer(f, lineterminator='\n')
        if new: w.writerow(COLUMNS)
        for answer in answers(model, cfg, args['fold_pattern'], {r[3] for r in rows}):
            rows.append(key+answer)
            w.writerow(rows[-1])
            f.flush()
    right = sum(r[5]==r[6] for r in rows)
    lo,hi = wilson_interval(right, len(rows))
    print(f'{right} of {len(rows)} clips right: {right/len(rows):.3f} (95 % interval {lo:.3f} to {hi:.3f})')
    return 0

def flags(p:ArgumentParser)->None:
    p.add_argument('--name', required=True, help='of the data set, in the file of answers')
    p.add_argument('--output', default='results/real_video.csv', help='the file of answers')
    p.add_argument('--fold_pattern', default='', help="regular expression for the part of a clip's name that is left out together")
    for group in (TrainingConfig,ModelConfig): add_flags(p, group)


if __name__=='__main__': sys.exit(command('answers.py', __doc__ or '', flags, main))
