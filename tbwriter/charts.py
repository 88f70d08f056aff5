"""What the writer draws as curves and distributions: scalars, histograms, PR curves; and bare tensors."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from tbwriter.files.reader import read_events
from tbwriter.messages.encode import scalars_summary, summary_event
from tbwriter.run import Run
from tbwriter.summaries.histogram import DEFAULT_BINS, Bins, histogram, histogram_raw
from tbwriter.summaries.pr_curve import pr_curve, pr_curve_raw
from tbwriter.summaries.scalar import titled_scalar
from tbwriter.summaries.tensor import tensor_summary
from tbwriter.tags import tag_in
from tbwriter.values import check_tag, scalar, scalars_by_tag


class Charts:
    """The methods of `tbwriter.SummaryWriter` for numbers."""

    _run: Run

    def add_scalar(
        self,
        tag: str,
        scalar_value: object,
        global_step: int | None = None,
        walltime: float | None = None,
        display_name: str | bool = "",
        summary_description: str | bool = "",
        *,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        """Log one number.

        Args:
            tag: the chart's name; what stands before a "/" groups charts.
            scalar_value: a number, or an array of one element; stored as float32. NaN and infinities are kept.
            global_step: a whole number, None for 0; TensorBoard expects steps to increase.
            walltime: seconds since 1970; now by default.
            display_name: the chart's title instead of the tag; a bool counts as ``new_style``, torch's fifth argument.
            summary_description: Markdown, shown beside the title; a bool counts as ``double_precision``.
            new_style: store the number as a tensor, as TensorFlow 2 does.
            double_precision: keep all digits in the file beside the float32 that TensorBoard shows;
                `tbwriter.read_scalars` reads them back.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_scalar("loss/train", 0.25, 1)
        """
        if type(tag) is not str:
            check_tag("add_scalar", tag)
        number = scalar_value if type(scalar_value) is float else scalar("add_scalar", tag, scalar_value)
        if display_name or summary_description or new_style or double_precision:
            as_tensor, precise = new_style or display_name is True, double_precision or summary_description is True
            title = "" if isinstance(display_name, bool) else display_name
            description = "" if isinstance(summary_description, bool) else summary_description
            summary = titled_scalar(tag, number, title, description, as_tensor, precise)
            self._run.add_summary("add_scalar", "scalars", tag, summary, global_step, walltime)
        else:
            wall_time, step = self._run.tags.moment("add_scalar", "scalars", tag, global_step, walltime)
            self._run.add((wall_time, step, tag, number))

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, object],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log several numbers into one chart.

        TensorBoard draws a curve a run, so each series becomes a run of its own, in the sub-directory
        ``<main_tag>_<series>``. `log` writes many numbers at once without that.

        Args:
            main_tag: the chart's name.
            tag_scalar_dict: numbers by the name of their series.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_scalars("loss", {"train": 0.25, "test": 0.5}, 1)
        """
        numbers = scalars_by_tag("add_scalars", check_tag("add_scalars", main_tag), tag_scalar_dict)
        directories = self._run.series_directories(main_tag, [series for series, _ in numbers])
        for directory, (_, number) in zip(directories, numbers, strict=True):
            known_as = tag_in(directory, main_tag)
            wall_time, step = self._run.tags.moment("add_scalars", "scalars", known_as, global_step, walltime)
            self._run.add_to(directory, (wall_time, step, main_tag, number))

    def export_scalars_to_json(self, path: str | os.PathLike[str]) -> None:
        """Write all that `add_scalars` has logged as JSON: ``{"<run>/<chart>": [[wall time, step, value], ...]}``.

        The curves are read back from the files of the series, so that nothing has to be kept in memory for this.

        Args:
            path: the JSON file; one that exists is replaced.

        Raises:
            OSError: a file cannot be read or written.

        Example:
            >>> import tempfile
            >>> from tbwriter import SummaryWriter
            >>> with tempfile.TemporaryDirectory() as log_dir, SummaryWriter(log_dir) as writer:
            ...     writer.add_scalars("loss", {"train": 0.25}, 1, walltime=0)
            ...     writer.export_scalars_to_json(f"{log_dir}/all.json")
            ...     next(iter(json.loads(Path(log_dir, "all.json").read_text()).values()))
            [[0.0, 1, 0.25]]
        """
        self._run.flush()
        curves: dict[str, list[list[float]]] = {}
        for directory in self._run.written_series():
            for event in read_events(directory):
                for value in event.summary.value:
                    points = curves.setdefault(f"{directory}/{value.tag}", [])
                    points.append([event.wall_time, event.step, value.simple_value])
        Path(path).write_text(json.dumps(curves), encoding="utf-8")

    def log(self, step: int | None, scalars: Mapping[str, object], walltime: float | None = None) -> None:
        """Log many numbers of one step, as one event.

        Args:
            step: as ``global_step`` of `add_scalar`.
            scalars: numbers by tag.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).log(1, {"loss": 0.25, "accuracy": 0.875})
        """
        numbers = scalars_by_tag("log", "", scalars)
        if numbers:
            first, *others = (tag for tag, _ in numbers)
            wall_time, index = self._run.tags.moment("log", "scalars", first, step, walltime, *others)
            self._run.add(summary_event(wall_time, index, scalars_summary(numbers)))

    def add_histogram(
        self,
        tag: str,
        values: object,
        global_step: int | None = None,
        bins: Bins = DEFAULT_BINS,
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """Log how values are distributed, for the dashboards histograms and distributions.

        Args:
            tag: the chart's name.
            values: numbers of any shape; those that are not finite are left out, with a warning.
            global_step: as for `add_scalar`.
            bins: a number of buckets, their edges, or a rule by name: see `tbwriter.summaries.histogram.histogram`.
            walltime: as for `add_scalar`.
            max_bins: at most so many buckets.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_histogram("weights", [0.0, 0.5, 0.25], 1)
        """
        summary = histogram(check_tag("add_histogram", tag), values, bins, max_bins)
        self._run.add_summary("add_histogram", "histograms", tag, summary, global_step, walltime)

    def add_histogram_raw(
        self,
        tag: str,
        min: object,
        max: object,
        num: object,
        sum: object,
        sum_squares: object,
        bucket_limits: object,
        bucket_counts: object,
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log a distribution that was counted elsewhere.

        Args:
            tag: the chart's name.
            min: the least value.
            max: the greatest value.
            num: how many values there are.
            sum: their sum.
            sum_squares: the sum of their squares.
            bucket_limits: the upper edge of each bucket, increasing; the first bucket begins at ``min``.
            bucket_counts: how many values each bucket holds.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_histogram_raw("weights", 0, 2, 4, 4, 6, [1, 2], [3, 1])
        """
        moments = {"min": min, "max": max, "num": num, "sum": sum, "sum_squares": sum_squares}
        summary = histogram_raw(check_tag("add_histogram_raw", tag), moments, bucket_limits, bucket_counts)
        self._run.add_summary("add_histogram_raw", "histograms", tag, summary, global_step, walltime)

    def add_pr_curve(
        self,
        tag: str,
        labels: object,
        predictions: object,
        global_step: int | None = None,
        num_thresholds: int = 127,
        weights: object = None,
        walltime: float | None = None,
    ) -> None:
        """Log precision and recall of a binary classifier at every threshold.

        Args:
            tag: the chart's name.
            labels: the truth: 0 and 1, or bools, of any shape.
            predictions: the probability of 1 for each label, from 0 to 1.
            global_step: as for `add_scalar`.
            num_thresholds: how many thresholds there are from 0 to 1, at least 2.
            weights: how much each label counts; 1 by default.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_pr_curve("digit 7", [0, 1, 1], [0.1, 0.4, 0.9], 1)
        """
        summary = pr_curve(check_tag("add_pr_curve", tag), labels, predictions, num_thresholds, weights)
        self._run.add_summary("add_pr_curve", "pr_curves", tag, summary, global_step, walltime)

    def add_pr_curve_raw(
        self,
        tag: str,
        true_positive_counts: object,
        false_positive_counts: object,
        true_negative_counts: object,
        false_negative_counts: object,
        precision: object,
        recall: object,
        global_step: int | None = None,
        num_thresholds: int = 127,
        weights: object = None,
        walltime: float | None = None,
    ) -> None:
        """Log precision and recall that were computed elsewhere: arrays of one number a threshold, from 0 to 1.

        Args:
            tag: the chart's name.
            true_positive_counts: ones that are said to be 1.
            false_positive_counts: zeros that are said to be 1.
            true_negative_counts: zeros that are said to be 0.
            false_negative_counts: ones that are said to be 0.
            precision: true positives among what is said to be 1.
            recall: true positives among the ones.
            global_step: as for `add_scalar`.
            num_thresholds: as other writers have it, and without effect: the arrays' length counts.
            weights: as other writers have it, and without effect: the counts are weighed already.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> writer = SummaryWriter(write_to_disk=False)
            >>> writer.add_pr_curve_raw("digit 7", [2, 1], [1, 0], [0, 1], [0, 1], [2 / 3, 1], [1, 0.5], 1)
        """
        rows = (
            true_positive_counts, false_positive_counts, true_negative_counts, false_negative_counts, precision, recall,
        )  # fmt: skip
        summary = pr_curve_raw(check_tag("add_pr_curve_raw", tag), *rows)
        self._run.add_summary("add_pr_curve_raw", "pr_curves", tag, summary, global_step, walltime)

    def add_tensor(
        self, tag: str, tensor: object, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """Log an array, every element as it is. No dashboard of TensorBoard draws it; readers of the file get it.

        Args:
            tag: the array's name.
            tensor: numbers of any shape; float16 stays float16, bfloat16 becomes float32.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_tensor("weights", [[0.5, 1.5]], 1)
        """
        summary = tensor_summary(check_tag("add_tensor", tag), tensor)
        self._run.add_summary("add_tensor", "tensor", tag, summary, global_step, walltime)
