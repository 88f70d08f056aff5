"""What the writer tells of models: their graphs, what they were made with, and what they make of data."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence

from tbwriter.files.onnx_graph import OnnxModel
from tbwriter.files.openvino_graph import OpenVinoModel
from tbwriter.files.projector import write_embedding
from tbwriter.messages.encode import scalar_event, summary_event
from tbwriter.messages.event_pb2 import Event
from tbwriter.run import Run
from tbwriter.summaries import custom_scalars
from tbwriter.summaries.graph import graph
from tbwriter.summaries.hparams import DOUBLE, double_session, experiment, hparam_options, hparams, session_start
from tbwriter.summaries.projector import embedding
from tbwriter.tags import tag_in
from tbwriter.values import check_tag, scalars_by_tag


class Models:
    """The methods of `tbwriter.SummaryWriter` for graphs, hyperparameters, embeddings and pages of charts."""

    _run: Run

    def add_graph(
        self, model: object, input_to_model: object = None, verbose: bool = False, use_strict_trace: bool = True
    ) -> None:
        """Log the graph of a model. A run has one; the newest is shown.

        Args:
            model: has a method ``graph_nodes(input_to_model)`` that names its nodes, as `tbwriter.DrawsItsGraph` says;
                any ``nn.Module`` does. Or a module of torch, where torch and tensorboard are installed.
            input_to_model: what the model is to be run on.
            verbose: print the graph, too.
            use_strict_trace: ``strict`` of ``torch.jit.trace``, for a module of torch.

        Raises:
            TypeError, ValueError: the model cannot name its nodes, or their names do not fit together.
            ImportError: it is a module of torch, and tensorboard is not installed.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_graph("no model")
            Traceback (most recent call last):
            TypeError: add_graph: expected a model with a method graph_nodes(input_to_model), such as...
        """
        self._add_graph(graph(model, input_to_model, verbose, use_strict_trace))

    def add_onnx_graph(
        self, onnx_model_file: str | os.PathLike[str] | None = None, *, prototxt: str | os.PathLike[str] | None = None
    ) -> None:
        """Log the graph of an ONNX file, as `add_graph` does that of a model.

        Args:
            onnx_model_file: the file.
            prototxt: torch's name for it.

        Raises:
            TypeError: it is not a path.
            ImportError: the package ``onnx`` is not installed.
            OSError: there is no such file.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_onnx_graph(7)
            Traceback (most recent call last):
            TypeError: add_onnx_graph: expected the path of an ONNX file, got int 7
        """
        self._add_graph(graph(OnnxModel(prototxt if onnx_model_file is None else onnx_model_file)))

    def add_openvino_graph(self, xmlname: str | os.PathLike[str]) -> None:
        """Log the graph of an OpenVINO file, as `add_graph` does that of a model.

        Args:
            xmlname: the model's file ``.xml``.

        Raises:
            TypeError, ValueError: it is not a path, or no such model.
            OSError: there is no such file.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_openvino_graph(7)
            Traceback (most recent call last):
            TypeError: add_openvino_graph: expected the path of a model's XML file, got int 7
        """
        self._add_graph(graph(OpenVinoModel(xmlname)))

    def _add_graph(self, definition: bytes) -> None:
        wall_time, _ = self._run.tags.when("add_graph", "graph", 0, None)
        self._run.add(Event(wall_time=wall_time, graph_def=definition).SerializeToString())

    def add_hparams(
        self,
        hparam_dict: object,
        metric_dict: Mapping[str, object] | None = None,
        *options: object,
        name: str | None = None,
        global_step: int | None = None,
        hparam_domain_discrete: Mapping[str, Sequence[object]] | None = None,
        run_name: str | None = None,
    ) -> None:
        """Log a run's hyperparameters and its final metrics, for the dashboard hparams.

        Without a name they belong to the run itself, whose other scalars are metrics, too; the second set of
        hyperparameters of a writer gets a run of its own, in the sub-directory ``hparams_2``, and so on. How the run
        ended is written by `close`: a failure if the ``with`` block ended by an exception. The metrics stand once more
        in the sub-directory ``hparams_1``: without it TensorBoard, opened on the run's own directory, shows none.

        Args:
            hparam_dict: hyperparameters by name, in a dictionary, a dataclass or argparse's namespace: numbers, bools
                and strings; nested ones have names with "/", what is None is left out, and all else is shown as a
                string.
            metric_dict: numbers by tag; they are scalars of the run. None for no metrics.
            options: ``name, global_step`` in tensorboardX's order, or ``hparam_domain_discrete, run_name, global_step``
                in torch's.
            name: a sub-directory, that makes a run of its own; "." is the run itself.
            global_step: the metrics' step; by default the newest of the tag, or 0.
            hparam_domain_discrete: the values that a hyperparameter may have, by its name. They are checked and kept in
                the file; TensorBoard shows the values that occur, since a record of its own for them would hide all
                other hyperparameters and metrics of the log directory.
            run_name: torch's word for ``name``.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> writer = SummaryWriter(write_to_disk=False)
            >>> writer.add_hparams({"lr": 0.1, "bias": True, "net": {"layers": 2}}, {"accuracy": 0.875})
        """
        where = "add_hparams"
        domains, run, step = hparam_options([*options, name, run_name, global_step, hparam_domain_discrete])
        values, metrics = hparams(hparam_dict), scalars_by_tag(where, "", metric_dict or {})
        now = time.time()
        records = [session_start(values, now)]
        if domains is not None:
            records.append(experiment(values, [tag for tag, _ in metrics], domains, now, record="domains"))
        place = self._run.sessions.place(values, run)
        if place:
            self._run.check_sub_run(f"{where}: the run {place!r}", place)
        events = []
        for tag, number in metrics:
            known_as = tag_in(place, tag)
            newest = self._run.tags.newest_step(known_as) if step is None else step
            wall_time, number_of_step = self._run.tags.moment(where, "scalars", known_as, newest, None)
            events.append(scalar_event(wall_time, number_of_step, tag, number))
        if not place and events:
            double = [] if DOUBLE in self._run.sub_runs() else double_session(values, now)
            for event in (*(summary_event(now, 0, record) for record in double), *events):
                self._run.add_to(DOUBLE, event)
        if place not in self._run.sessions:
            events[:0] = [summary_event(now, 0, record) for record in records]
        for event in events:
            self._run.add_to(place, event)
        self._run.sessions.begin(place, values)

    def _end_sessions(self, success: bool) -> None:
        """Say how the runs with hyperparameters ended."""
        now = time.time()
        for place, summary in self._run.sessions.end(success, now):
            self._run.add_to(place, summary_event(now, 0, summary))

    def add_embedding(
        self,
        mat: object,
        metadata: Sequence[object] | None = None,
        label_img: object = None,
        global_step: int | None = None,
        tag: str = "default",
        metadata_header: Sequence[str] | None = None,
    ) -> None:
        """Log points of many dimensions for the projector. Its files are written before this returns.

        Args:
            mat: ``(N, D)``: N points.
            metadata: a label for each point; or, with a header, a row of labels.
            label_img: ``(N, C, H, W)``: a picture for each point.
            global_step: as for `add_scalar`; each step of a tag is an embedding of its own.
            tag: the embedding's name.
            metadata_header: the names of the columns of ``metadata``.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.
            OSError: a file cannot be written.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_embedding([[0.5, 1.5], [1.0, 2.0]], ["one", "two"])
        """
        _, step = self._run.tags.when("add_embedding", check_tag("add_embedding", tag), global_step, None)
        entry, files = embedding(tag, step, mat, metadata, label_img, metadata_header)
        if self._run.writes():
            try:
                write_embedding(self._run.directory, entry, files)
            except OSError as error:
                reason = f"add_embedding: tag {tag!r}: {error.strerror or error}"
                raise type(error)(error.errno, reason, error.filename or self._run.directory.path) from error

    def add_custom_scalars(self, layout: Mapping[str, Mapping[str, Sequence[object]]]) -> None:
        """Log a page of charts that each draw several scalars.

        Args:
            layout: ``{category: {title: [kind, tags]}}``. The kind is "Multiline", or "Margin": lines with a margin,
                whose tags come in threes: value, lower and upper bound. In a multiline chart a compiled regular
                expression stands for all the tags that it matches. A later chart of the same category and title
                replaces this one.

        Raises:
            TypeError, ValueError: the layout has another form.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> layout = {"loss": {"both": ["Multiline", ["loss/train", "loss/test"]]}}
            >>> SummaryWriter(write_to_disk=False).add_custom_scalars(layout)
        """
        self._add_charts("add_custom_scalars", layout)

    def add_custom_scalars_multilinechart(
        self, tags: Sequence[object], category: str = "default", title: str = "untitled"
    ) -> None:
        """Log a chart that draws several scalars.

        Args:
            tags: of scalars; a compiled regular expression stands for all that it matches.
            category: the chart's group.
            title: the chart's title.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_custom_scalars_multilinechart(["loss/train", "loss/test"])
        """
        self._add_charts("add_custom_scalars_multilinechart", {category: {title: ["Multiline", tags]}})

    def add_custom_scalars_marginchart(
        self, tags: Sequence[str], category: str = "default", title: str = "untitled"
    ) -> None:
        """Log a chart that draws a scalar with a margin.

        Args:
            tags: of three scalars: value, lower bound, upper bound.
            category: the chart's group.
            title: the chart's title.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_custom_scalars_marginchart(["loss", "least", "most"])
        """
        self._add_charts("add_custom_scalars_marginchart", {category: {title: ["Margin", tags]}})

    def _add_charts(self, where: str, layout: object) -> None:
        charts = self._run.custom_scalars
        charts.add(where, layout)
        self._run.add_summary(where, "custom_scalars", custom_scalars.TAG, charts.summary(), 0, None)

    @contextlib.contextmanager
    def use_metadata(self, *, global_step: int | None = None, walltime: float | None = None) -> Iterator[None]:
        """Within a block, the step and the time of all that names none.

        Blocks may stand in each other; what one does not name, it leaves as it is. All threads that share the writer
        see it, and the runs of `add_scalars` and `add_hparams` follow it.

        Args:
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.

        Yields:
            None.

        Raises:
            TypeError, ValueError: a step or a time is not one.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> writer = SummaryWriter(write_to_disk=False)
            >>> with writer.use_metadata(global_step=7):
            ...     writer.add_scalar("loss", 0.5)
            ...     writer.add_histogram("weights", [0.5, 1.5])
        """
        with self._run.tags.defaults(global_step, walltime):
            yield
