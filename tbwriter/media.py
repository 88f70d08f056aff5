"""What the writer shows as pictures, sounds and words."""

import functools
from collections.abc import Mapping, Sequence

from tbwriter.messages.encode import summary_event
from tbwriter.run import Run
from tbwriter.summaries import audio, gif, video
from tbwriter.summaries.boxes import box_options, draw_boxes
from tbwriter.summaries.figure import close_figure, figure_pixels
from tbwriter.summaries.image import Pixels, batch, encoded_image, grid, image, image_samples, pixels
from tbwriter.summaries.mesh import PARTS, mesh, mesh_tag
from tbwriter.summaries.text import text, text_tag
from tbwriter.values import check_tag


class Media:
    """The methods of `tbwriter.SummaryWriter` for images, audio, video, text and meshes."""

    _run: Run

    def add_image(
        self,
        tag: str,
        img_tensor: object,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """Log a picture, as PNG. It is copied at once and encoded later, on the I/O thread.

        Args:
            tag: the picture's name.
            img_tensor: floats from 0 to 1, integers from 0 to 255, or bools; what lies outside is clipped. One channel
                is grey, two grey and alpha, three RGB, four RGBA.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.
            dataformats: what the axes mean: "CHW", "HWC", "HW", or, for a batch as a grid, "NCHW", "NHWC".

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_image("digit", [[0.0, 0.5], [1.0, 0.0]], 1, dataformats="HW")
        """
        picture = pixels("add_image", check_tag("add_image", tag), img_tensor, dataformats)
        self._add_picture("add_image", tag, picture, global_step, walltime)

    def add_images(
        self,
        tag: str,
        img_tensor: object,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
        *,
        as_grid: bool = True,
    ) -> None:
        """Log a batch of pictures of one size, as one picture: a grid, eight to a row.

        Args:
            tag: the picture's name.
            img_tensor: a batch, or a list of pictures of one size; the values are as for `add_image`.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.
            dataformats: what the axes mean: "NCHW", "NHWC" or "NHW"; of a list also those of one picture, "CHW".
            as_grid: False keeps each picture for itself, under one tag, with a slider to choose one.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_images("digits", [[[0.5]], [[1.0]]], 1, dataformats="NHW")
        """
        pictures = batch("add_images", check_tag("add_images", tag), img_tensor, dataformats)
        if as_grid:
            self._add_picture("add_images", tag, grid(pictures), global_step, walltime)
        else:
            summary = functools.partial(image_samples, tag, pictures)
            self._run.add_summary("add_images", "images", tag, summary, global_step, walltime, pictures.nbytes)

    def add_image_with_boxes(
        self,
        tag: str,
        img_tensor: object,
        box_tensor: object,
        global_step: int | None = None,
        walltime: float | None = None,
        *options: object,
        rescale: float = 1,
        dataformats: str = "CHW",
        labels: Sequence[str] | str | None = None,
    ) -> None:
        """Log a picture with red boxes around what was found in it.

        Args:
            tag: the picture's name.
            img_tensor: as for `add_image`; it becomes RGB.
            box_tensor: ``(N, 4)``: left, top, right and bottom of each box, in pixels of the picture.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.
            options: ``dataformats, labels`` in tensorboardX's order, or ``rescale, dataformats, labels`` in torch's.
            rescale: how much larger to draw the picture.
            dataformats: as for `add_image`.
            labels: a text for each box, drawn where Pillow is installed.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> writer = SummaryWriter(write_to_disk=False)
            >>> writer.add_image_with_boxes("cats", [[0.0] * 9] * 9, [[1, 1, 7, 7]], dataformats="HW")
        """
        where = "add_image_with_boxes"
        by_name = {"rescale": rescale, "dataformats": dataformats, "labels": labels, **box_options(tag, options)}
        picture = pixels(where, check_tag(where, tag), img_tensor, by_name.pop("dataformats"))
        drawn = draw_boxes(tag, picture, box_tensor, **by_name)
        self._add_picture(where, tag, drawn, global_step, walltime)

    def add_figure(
        self,
        tag: str,
        figure: object,
        global_step: int | None = None,
        close: bool = True,
        walltime: float | None = None,
    ) -> None:
        """Log a figure of matplotlib as a picture.

        Args:
            tag: the picture's name.
            figure: a ``matplotlib.figure.Figure``, or a list of them for a grid.
            global_step: as for `add_scalar`.
            close: have pyplot forget the figure afterwards.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_figure("plot", "no figure")
            Traceback (most recent call last):
            TypeError: add_figure: tag 'plot': expected a matplotlib Figure or a list of them, got...
        """
        picture = figure_pixels(check_tag("add_figure", tag), figure)
        self._add_picture("add_figure", tag, picture, global_step, walltime)
        if close:
            close_figure(figure)

    def add_video(
        self,
        tag: str,
        vid_tensor: object,
        global_step: int | None = None,
        fps: float = 4,
        walltime: float | None = None,
        dataformats: str = "NTCHW",
    ) -> None:
        """Log videos as a GIF, which the images dashboard plays. They are copied at once and encoded later.

        Args:
            tag: the video's name.
            vid_tensor: floats from 0 to 1, integers from 0 to 255, or bools; several videos play side by side.
            global_step: as for `add_scalar`.
            fps: frames a second.
            walltime: as for `add_scalar`.
            dataformats: what the axes mean: "N" (videos), "T" (time), "C" (channels), "H" and "W", in any order; "N"
                and "C" may be missing.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> frames = [[[0.0, 1.0]], [[1.0, 0.0]]]
            >>> SummaryWriter(write_to_disk=False).add_video("blink", frames, 1, fps=2, dataformats="THW")
        """
        frames = video.frames(check_tag("add_video", tag), vid_tensor, dataformats)
        delay = video.delay(tag, fps)
        self._run.add_summary(
            "add_video", "images", tag,
            lambda: encoded_image(tag, gif.encode(frames, delay), frames.shape),
            global_step, walltime, frames.nbytes,
        )  # fmt: skip

    def add_audio(
        self,
        tag: str,
        snd_tensor: object,
        global_step: int | None = None,
        sample_rate: int = 44100,
        walltime: float | None = None,
    ) -> None:
        """Log a sound, as WAV of 16 bits a sample.

        Args:
            tag: the sound's name.
            snd_tensor: ``(L,)``, or ``(L, C)`` or ``(C, L)`` with few channels C; floats from -1 to 1, what lies
                outside is clipped, or int16.
            global_step: as for `add_scalar`.
            sample_rate: samples a second.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_audio("click", [0.0, 1.0, 0.0], 1, sample_rate=8000)
        """
        sound = audio.samples(check_tag("add_audio", tag), snd_tensor)
        rate = audio.check_sample_rate(tag, sample_rate)
        summary = functools.partial(audio.audio, tag, sound, rate)
        self._run.add_summary("add_audio", "audio", tag, summary, global_step, walltime, sound.nbytes)

    def add_text(
        self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """Log a text.

        Args:
            tag: the text's name.
            text_string: Markdown.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> SummaryWriter(write_to_disk=False).add_text("note", "**bold**", 1)
        """
        summary = text(check_tag("add_text", tag), text_string)
        self._run.add_summary("add_text", "text", text_tag(tag), summary, global_step, walltime)

    def add_mesh(
        self,
        tag: str,
        vertices: object,
        colors: object = None,
        faces: object = None,
        config_dict: Mapping[str, object] | None = None,
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log meshes, or point clouds where there are no faces.

        Args:
            tag: the mesh's name.
            vertices: ``(B, N, 3)``, or ``(N, 3)`` for one mesh: x, y, z of each vertex.
            colors: red, green and blue of each vertex, from 0 to 255, in the same shape.
            faces: ``(B, F, 3)``: triangles, each of three numbers of vertices.
            config_dict: camera, lights and material, as the mesh dashboard takes them.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument has the wrong type or value.

        Example:
            >>> from tbwriter import SummaryWriter
            >>> corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
            >>> SummaryWriter(write_to_disk=False).add_mesh("triangle", corners, faces=[[0, 1, 2]])
        """
        summary = mesh(check_tag("add_mesh", tag), vertices, colors, faces, config_dict)
        first, *others = (mesh_tag(tag, part) for part in PARTS)
        wall_time, step = self._run.tags.moment("add_mesh", "mesh", first, global_step, walltime, *others)
        self._run.add(summary_event(wall_time, step, summary))

    def _add_picture(self, where: str, tag: str, picture: Pixels, global_step: object, walltime: object) -> None:
        """PNG is made later, on the I/O thread."""
        summary = functools.partial(image, tag, picture)
        self._run.add_summary(where, "images", tag, summary, global_step, walltime, picture.nbytes)
