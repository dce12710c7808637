"""Refusals of files and their Russian sentences."""

from lkk_reflex.kit.errors import PortalError


class FileTooLarge(PortalError):
    """The upload is larger than a file may be."""

    code = "files.too_large"
    text = "Файл больше {most} МБ. Сфотографируйте с меньшим качеством или пришлите часть."
    field = "files"


class FileEmpty(PortalError):
    """Nothing came."""

    code = "files.empty"
    text = "Файл пустой. Выберите другой."
    field = "files"


class FileOfAnotherKind(PortalError):
    """Neither a photo nor a PDF, whatever its name says."""

    code = "files.kind"
    text = "Подойдут фото (JPEG, PNG, WebP) и документы PDF. Этот файл другого вида или повреждён."
    field = "files"


class HeicNotRead(PortalError):
    """A photo of an iPhone in a format that cannot be opened here."""

    code = "files.heic"
    text = "Фото в формате HEIC не открывается. Сохраните его как JPEG или сделайте снимок экрана."
    field = "files"


class PhotoTooBig(PortalError):
    """More pixels than are worth opening."""

    code = "files.photo_too_big"
    text = "В фото больше {most} мегапикселей. Уменьшите его и приложите снова."
    field = "files"


class DocumentLocked(PortalError):
    """The PDF asks for a password."""

    code = "files.pdf_locked"
    text = "PDF защищён паролем. Сохраните его без пароля и приложите снова."
    field = "files"


class DocumentTooLong(PortalError):
    """More pages than anybody reads."""

    code = "files.pdf_too_long"
    text = "В PDF больше {most} страниц. Пришлите только нужные."
    field = "files"


class DocumentTooComplex(PortalError):
    """Reading the PDF takes too long."""

    code = "files.pdf_too_complex"
    text = "PDF слишком сложно устроен. Напечатайте его в новый PDF и приложите снова."
    field = "files"


class DocumentActive(PortalError):
    """The PDF holds programs or other files."""

    code = "files.pdf_active"
    text = "В PDF есть вложенные файлы или программы. Напечатайте его в новый PDF и приложите снова."
    field = "files"


class UploadBroken(PortalError):
    """The request held no readable file."""

    code = "files.broken"
    text = "Файл не дошёл целиком. Попробуйте ещё раз."
    field = "files"


class UploadCutOff(UploadBroken):
    """The connection was lost, or was so slow that nobody waits for it."""

    code = "files.cut_off"


class TooManyUnfit(PortalError):
    """File after file could not be taken; looking at them is work that others wait for."""

    code = "files.too_many_unfit"
    text = "Слишком много файлов подряд не подошло. Следующий можно приложить через {wait}."
    field = "files"
    keeps_work = True


class NoRoomForFiles(PortalError):
    """The disk is nearly full, and what is left of it is needed by everything else."""

    code = "files.no_room"
    text = "Файлы сейчас не принимаются: на сервере мало места. Мы об этом знаем, попробуйте позже."
    field = "files"


class NotAPhoto(PortalError):
    """Only a photo will do here, and this is none."""

    code = "files.not_a_photo"
    text = "Подойдёт фото: JPEG, PNG или WebP. Этот файл другого вида или повреждён."
    field = "files"
