"""Train and test once for each group of clips that is left out, and count the clips named right.

    python tools/leave_one_out.py --fold_pattern 'set1_\\d+_(\\d+)_' --data_root ut_interaction --checkpoint_dir runs/ut …

All flags of lsvit_train go on to each training. What is counted is the last epoch's model: nothing is chosen by looking
at the clips left out. `answers.csv` in the run folder has a line for each clip; folds that are in it are not done again.
"""
import csv,re,sys,tempfile
from argparse import ArgumentParser
from pathlib import Path
from lsvit.cli import train_run
from lsvit.config import ModelConfig,TrainingConfig,add_flags,from_flags
from lsvit.evaluate import wilson_interval
from lsvit.splits import find_labelled


def linked(root:Path, clips:list[tuple[Path,str]])->Path:
    "A folder per class with links to the clips"
    for v,label in clips:
        (root/label).mkdir(parents=True, exist_ok=True)
        (root/label/v.name).symlink_to(v.resolve())
    return root


def main()->int:
    p = ArgumentParser(description=__doc__)
    p.add_argument('--fold_pattern', required=True, help="regular expression for the part of a clip's name that is left out together")
    for group in (TrainingConfig,ModelConfig): add_flags(p, group)
    args = {k:v for k,v in vars(p.parse_args()).items()}
    pattern = re.compile(args.pop('fold_pattern'))
    cfg,model = from_flags(TrainingConfig, args),from_flags(ModelConfig, args)
    videos,labels,_ = find_labelled(cfg.data_root)
    fold_of = {}
    for v in videos:
        if not (found:=pattern.search(v.name)): raise SystemExit(f'{v}: the name does not match {pattern.pattern!r}')
        fold_of[v] = found[1]
    out = Path(cfg.checkpoint_dir)/'answers.csv'
    out.parent.mkdir(parents=True, exist_ok=True)
    rows = list(csv.reader(open(out))) if out.exists() else []
    for fold in sorted(set(fold_of.values())-{r[0] for r in rows}):
        with tempfile.TemporaryDirectory() as d:
            sides = [linked(Path(d)/side, [(v,l) for v,l in zip(videos, labels) if (fold_of[v]==fold)==held])
                     for side,held in (('train',False), ('test',True))]
            this = cfg.replaced('leave_one_out', data_root=str(sides[0]), report_on='last', checkpoint_dir=str(out.parent/fold))
            run = train_run(model, this, held_out=sides[1])
        assert run
        with open(out, 'a', newline='') as f:
            new = [[fold, n, t, s] for n,t,s in zip((Path(v).stem for v in run.videos), run.true, run.said)]
            csv.writer(f).writerows(new)
        rows += new
    right,n = sum(r[2]==r[3] for r in rows),len(rows)
    lo,hi = wilson_interval(right, n)
    print(f'{right} of {n} clips right over {len({r[0] for r in rows})} folds: {right/n:.3f} (95 % interval {lo:.3f} to {hi:.3f})')
    return 0


if __name__=='__main__': sys.exit(main())
