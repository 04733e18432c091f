"What a person in a notebook uses: `from lsvit.all import *`. The rest is reached by its module, `lsvit.<chapter>.<module>`."
from fastai.interpret import ClassificationInterpretation
from lsvit.config import DataConfig,ModelConfig,TrainingConfig,settings_table
from lsvit.device import hardware,pick_device,pick_precision,set_seed
from lsvit.video.sampling import FrameSampler
from lsvit.video.read import VideoReadError,read_frames,video_info
from lsvit.video.write import write_video
from lsvit.video.transforms import CONTROLS,control_clips,denormalize,eval_transform,normalize
from lsvit.data.generate import DOTS4,REVERSED_PAIRS,action_clip,dots_clip,write_actions
from lsvit.data.questions import DIAGNOSTICS
from lsvit.data.folders import find_labelled
from lsvit.data.splits import leaks,source_of,split_by_source
from lsvit.data.labelled import LabelledVideos
from lsvit.data.check import check_folder
from lsvit.data.cache import cache_videos
from lsvit.data.dataloaders import TensorVideo,VideoBlock,VideoDataLoaders,sampler_of
from lsvit.data.download import HMDB51,UCF101,download_dataset
from lsvit.models.motion import LMIModule,SMIFModule
from lsvit.models.lsvit import LSViTForAction,create_model,load_pretrained,model_cost
from lsvit.models.checkpoint import Checkpoint,from_pretrained,load_original,save_checkpoint
from lsvit.predict.predictor import Prediction,Predictor
from lsvit.predict.stream import StreamPredictor,overlay,play_file,watch
from lsvit.predict.folder import predict_folder
from lsvit.evaluate.metrics import (accuracy_of,calibration,confusion_matrix,mean_class_accuracy,pair_accuracy,paired_difference,
                                    per_class,plot_reliability,wilson_interval,worst_pairs)
from lsvit.evaluate.plots import plot_clip,plot_confusion,plot_history,plot_predictions,save_clip
from lsvit.evaluate.report import Evaluation,evaluate_videos,temporal_controls,write_report
from lsvit.evaluate.explain import (lmi_gates,on_grid,plot_attention,plot_gates,plot_relevance,plot_smif,relevance,
                                    smif_energy)
from lsvit.train.learner import accuracy,fit,lsvit_learner
from lsvit.train.start import start_from
from lsvit.train.recipe import summary,train_run
from lsvit.widgets.browser import ClipPlayer,VideoBrowser
from lsvit.widgets.explorer import PredictionExplorer
from lsvit.widgets.monitor import LiveView,TrainingMonitor
from lsvit.cli.train import demo,train
from lsvit.cli.predict import infer
from lsvit.cli.doctor import doctor
