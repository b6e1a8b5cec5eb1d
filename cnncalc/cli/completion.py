"""Completion in bash, zsh and fish: what a parameter may be, and the functions of the shells.

`eval "$(_CNNCALC_COMPLETE=bash_source cnncalc)"` defines the function and registers it; it calls
the program with the words so far, and gets a line for each candidate: its type and its text. The
functions are not click's: that of bash drops every name where there may be a file, too, and that
of fish cuts a list at its comma.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click
from click import shell_completion
from click.shell_completion import CompletionItem

from cnncalc.cli import file_types

if TYPE_CHECKING:
    from cnncalc.format.architecture import Architecture

VARIABLE = "_CNNCALC_COMPLETE"
Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' completion file type value
    COMPREPLY=()
    while read -r completion; do
        type=${completion%%%%,*} value=${completion#*,}
        if [[ $type == file ]]; then
            while read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$value")
        elif [[ $type == plain ]]; then
            COMPREPLY+=("$value")
        fi
    done < <(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" \\
        %(complete_var)s=bash_complete "${1:-%(prog_name)s}" 2> /dev/null)
    if [[ ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace 2> /dev/null
    else  # spaces in names are quoted, and folders get a slash
        compopt -o filenames 2> /dev/null
    fi
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2> /dev/null \\
    || complete -F %(complete_func)s %(prog_name)s
"""
_ZSH = """\
#compdef %(prog_name)s
%(complete_func)s() {
    local completion type value
    local -a names open
    (( ! $+commands[%(prog_name)s] )) && return 1
    for completion in "${(@f)$(env COMP_WORDS="${(F)words[1,CURRENT]}" \\
        COMP_CWORD=$((CURRENT-1)) %(complete_var)s=zsh_complete %(prog_name)s 2> /dev/null)}"; do
        type=${completion%%%%,*} value=${completion#*,}
        if [[ $type == file ]]; then
            if [[ $PREFIX == -*=* ]]; then compset -P '*='; fi
            _path_files -f
        elif [[ $type == plain && $value == *= ]]; then
            open+=("$value")
        elif [[ $type == plain ]]; then
            names+=("$value")
        fi
    done
    (( $#names )) && compadd -U -V unsorted -a names
    (( $#open )) && compadd -U -S '' -V unsorted -a open
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""
_FISH = """\
function %(complete_func)s
    set -l words (commandline -cp | string collect)
    set -l word (commandline -ct | string collect)
    set -l option (string match -r -- '^--[\\w-]+=' $word)
    for completion in (env %(complete_var)s=fish_complete COMP_WORDS="$words" \\
            COMP_CWORD="$word" %(prog_name)s 2> /dev/null)
        set -l parts (string split -m 1 -- , $completion)
        if test "$parts[1]" = file
            for file in (__fish_complete_path $parts[2])
                echo "$option"$file
            end
        else if test "$parts[1]" = plain
            echo $parts[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Lines:
    """The protocol common to the three: a line for each candidate, which is the whole word."""

    _option = ""  # `--columns=` of a word that has an option and its value

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return the candidates for a word, an option in it left before the value."""
        match = re.match(r"--[\w-]+=", incomplete)
        self._option = match[0] if match else ""
        found: list[CompletionItem] = super().get_completions(args, incomplete)  # type: ignore[misc]
        return found

    def format_completion(self, item: CompletionItem) -> str:
        """Return a candidate as the functions read it."""
        return f"{item.type},{self._option}{item.value}"


class _Bash(_Lines, shell_completion.BashComplete):
    """Bash: it takes = and : for ends of words, and replaces what stands behind the last alone."""

    source_template = _BASH
    _before = ""  # the part of the word that stays

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is completed, and this one, put together again."""
        typed = shell_completion.split_arg_string(os.environ["COMP_WORDS"])
        number = int(os.environ["COMP_CWORD"])
        typed = [*typed, *[""] * (number + 1 - len(typed))][1 : number + 1]
        words: list[str] = []
        joined = False
        self._before = ""
        for word in typed:
            sign = bool(word) and not word.strip("=:")
            if words and (sign or joined):
                self._before = words[-1] + word * sign
                words[-1] += word
            else:
                self._before = ""
                words.append(word)
            joined = sign
        return words[:-1], words[-1] if words else ""

    def format_completion(self, item: CompletionItem) -> str:
        """Return a candidate without what bash keeps of the word."""
        kind, _, value = super().format_completion(item).partition(",")
        return f"{kind},{value.removeprefix(self._before)}"


class _Zsh(_Lines, shell_completion.ZshComplete):
    source_template = _ZSH


class _Fish(_Lines, shell_completion.FishComplete):
    source_template = _FISH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is completed, and this one without its quotes.

        Of click before 8.3 it had them still.
        """
        words = shell_completion.split_arg_string(os.environ["COMP_WORDS"])[1:]
        incomplete = "".join(shell_completion.split_arg_string(os.environ["COMP_CWORD"])[:1])
        if incomplete and words[-1:] == [incomplete]:
            words.pop()
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Return a candidate; fish's own function for files wants no option before them."""
        return f"{item.type},{'' if item.type == 'file' else self._option}{item.value}"


_SHELLS: dict[str, type[Any]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def complete(group: click.Group, instruction: str) -> int:
    """Print a shell's function, or the candidates for a word; return the exit code."""
    shell, _, wanted = instruction.partition("_")
    if shell not in _SHELLS or wanted not in ("source", "complete"):
        return 2
    found = _SHELLS[shell](group, {}, "cnncalc", VARIABLE)
    if wanted == "source":
        click.echo(found.source(), nl=False)
        return 0
    with suppress(click.ClickException, KeyError, ValueError):  # a line that means nothing yet
        click.echo(found.complete().encode())
    return 0


# --- what parameters may be -----------------------------------------------------------------


def names(known: Callable[[], Iterable[str]]) -> Completer:
    """Return a completer of names."""
    return lambda context, parameter, text: _beginning(known(), text)


def listed(known: Callable[[], Iterable[str]]) -> Completer:
    """Return a completer of lists such as `volume,parameters`, or `+step`."""

    def complete(
        context: click.Context, parameter: click.Parameter, text: str
    ) -> list[CompletionItem]:
        head, _, last = text.rpartition(",")
        head += "," * ("," in text)
        if last.startswith("+"):
            head, last = head + "+", last[1:]
        given = set(text.lstrip("+").split(","))
        return [
            CompletionItem(head + name)
            for name in known()
            if name.startswith(last) and name not in given
        ]

    return complete


def layers(context: click.Context, parameter: click.Parameter, text: str) -> list[CompletionItem]:
    """Return the layers and blocks of the networks that the line has so far."""
    found: dict[str, None] = {}
    for name in _networks(context):
        from cnncalc import api
        from cnncalc.errors import CnncalcError

        given = {key: context.params.get(key) or None for key in ("input", "variant", "set")}
        with suppress(CnncalcError):
            report = api.analyze(name, **given)  # type: ignore[arg-type]
            found |= dict.fromkeys(group.path for group in report.groups)
            found |= dict.fromkeys(row.name for row in report.layers)
    return _beginning(found, text)


def blocks(context: click.Context, parameter: click.Parameter, text: str) -> list[CompletionItem]:
    """Return the blocks of the networks that the line has so far."""
    from cnncalc import api
    from cnncalc.errors import CnncalcError

    found: dict[str, None] = {}
    for name in _networks(context):
        with suppress(CnncalcError):
            found |= dict.fromkeys(group.path for group in api.analyze(name).groups)
    return _beginning(found, text)


def variants(context: click.Context, parameter: click.Parameter, text: str) -> list[CompletionItem]:
    """Return the variants of the networks' files."""
    return _beginning((name for file in _files(context) for name in file.variants), text)


def settings(context: click.Context, parameter: click.Parameter, text: str) -> list[CompletionItem]:
    """Return the parameters of the networks' files as `name=`, or `name=value` as it is there."""
    from cnncalc.errors import as_written

    name, equals, _ = text.partition("=")
    found: list[str] = []
    for file in _files(context):
        value = file.parameters.get(name)
        if equals and value is not None and not isinstance(value, dict):
            found.append(f"{name}={as_written(tuple(value) if isinstance(value, list) else value)}")
        elif not equals:
            found += [f"{parameter}=" for parameter in file.parameters]
    return _beginning(found, text)


def _beginning(known: Iterable[str], text: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in dict.fromkeys(known) if name.startswith(text)]


def _networks(context: click.Context) -> Iterator[str]:
    """Yield the networks that the line has so far; standard input is not read."""
    # Where an option still lacks its value, click has left the arguments as they are.
    words = iter(context.args)
    for parameter in context.command.get_params(context):
        value = context.params.get(parameter.name or "")
        if isinstance(parameter.type, file_types.NetworkName):
            if not value and isinstance(parameter, click.Argument):
                value = next(words, None) if parameter.nargs == 1 else tuple(words)
            several = value if isinstance(value, tuple) else (value,)
            yield from (name for name in several if name and name != "-")


def _files(context: click.Context) -> Iterator[Architecture]:
    """Yield what the networks' files hold."""
    from cnncalc import api
    from cnncalc.errors import CnncalcError

    for name in _networks(context):
        with suppress(CnncalcError):
            yield api.load(name)
