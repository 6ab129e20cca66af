"""How good the predictions are, once the target is known."""

from barograph.metrics.performance.accuracy import Accuracy
from barograph.metrics.performance.average_precision import AveragePrecision
from barograph.metrics.performance.balanced_accuracy import BalancedAccuracy
from barograph.metrics.performance.bias_by_feature import BiasByFeature
from barograph.metrics.performance.brier import Brier
from barograph.metrics.performance.calibration_error import CalibrationError
from barograph.metrics.performance.class_separation import ClassSeparation
from barograph.metrics.performance.confusion_matrix import ConfusionMatrix
from barograph.metrics.performance.dummy import Dummy
from barograph.metrics.performance.error_bias import ErrorBias
from barograph.metrics.performance.error_by_feature import ErrorByFeature
from barograph.metrics.performance.error_normality import ErrorNormality
from barograph.metrics.performance.error_quantiles import ErrorQuantiles
from barograph.metrics.performance.error_std import ErrorStd
from barograph.metrics.performance.error_tails import ErrorTails
from barograph.metrics.performance.expected_loss_change import ExpectedLossChange
from barograph.metrics.performance.expected_prediction_change import ExpectedPredictionChange
from barograph.metrics.performance.f1 import F1
from barograph.metrics.performance.false_negative_rate import FalseNegativeRate
from barograph.metrics.performance.false_positive_rate import FalsePositiveRate
from barograph.metrics.performance.gain import Gain
from barograph.metrics.performance.lift import Lift
from barograph.metrics.performance.log_loss import LogLoss
from barograph.metrics.performance.mae import MAE
from barograph.metrics.performance.mape import MAPE
from barograph.metrics.performance.matthews_correlation import MatthewsCorrelation
from barograph.metrics.performance.max_error import MaxError
from barograph.metrics.performance.mean_error import MeanError
from barograph.metrics.performance.mse import MSE
from barograph.metrics.performance.percentage_error_quantiles import PercentageErrorQuantiles
from barograph.metrics.performance.performance_by_feature import PerformanceByFeature
from barograph.metrics.performance.precision import Precision
from barograph.metrics.performance.predicted_actual import PredictedActual
from barograph.metrics.performance.predicted_rate import PredictedRate
from barograph.metrics.performance.prediction_by_feature import PredictionByFeature
from barograph.metrics.performance.r2 import R2
from barograph.metrics.performance.recall import Recall
from barograph.metrics.performance.rmse import RMSE
from barograph.metrics.performance.roc_auc import RocAuc
from barograph.metrics.performance.score_distribution import ScoreDistribution
from barograph.metrics.performance.smape import SMAPE
from barograph.metrics.performance.specificity import Specificity
from barograph.metrics.performance.target_by_feature import TargetByFeature
from barograph.metrics.performance.target_prediction_correlation import TargetPredictionCorrelation
from barograph.metrics.performance.target_rate import TargetRate
from barograph.metrics.performance.threshold_table import ThresholdTable
from barograph.metrics.performance.worst_slices import WorstSlices

__all__ = [
    "F1",
    "MAE",
    "MAPE",
    "MSE",
    "R2",
    "RMSE",
    "SMAPE",
    "Accuracy",
    "AveragePrecision",
    "BalancedAccuracy",
    "BiasByFeature",
    "Brier",
    "CalibrationError",
    "ClassSeparation",
    "ConfusionMatrix",
    "Dummy",
    "ErrorBias",
    "ErrorByFeature",
    "ErrorNormality",
    "ErrorQuantiles",
    "ErrorStd",
    "ErrorTails",
    "ExpectedLossChange",
    "ExpectedPredictionChange",
    "FalseNegativeRate",
    "FalsePositiveRate",
    "Gain",
    "Lift",
    "LogLoss",
    "MatthewsCorrelation",
    "MaxError",
    "MeanError",
    "PercentageErrorQuantiles",
    "PerformanceByFeature",
    "Precision",
    "PredictedActual",
    "PredictedRate",
    "PredictionByFeature",
    "Recall",
    "RocAuc",
    "ScoreDistribution",
    "Specificity",
    "TargetByFeature",
    "TargetPredictionCorrelation",
    "TargetRate",
    "ThresholdTable",
    "WorstSlices",
]  # fmt: skip
