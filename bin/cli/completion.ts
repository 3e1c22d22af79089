/**
 * Words that a shell may complete, as a script for it: commands, their subcommands and options; what is none of these
 * is a file.
 */
import type { Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof shells)[number]

/** A command by its words after `vigie`, and what may follow it. */
type Node = {
  readonly path: readonly string[]
  readonly commands: readonly string[]
  readonly options: readonly string[]
}

export const completionScript = (shell: Shell, vigie: Command): string => {
  const nodes = nodesOf(vigie, [])
  if (shell === 'fish') return fishScript(nodes)
  // zsh takes scripts of bash, once it is told to.
  return shell === 'zsh' ? `autoload -Uz bashcompinit && bashcompinit\n${bashScript(nodes)}` : bashScript(nodes)
}

const nodesOf = (command: Command, path: readonly string[]): readonly Node[] => {
  const visible = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help')
  const own = [...command.options, ...(path.length === 0 ? [] : (rootOf(command)?.options ?? []))]
  return [
    {
      path,
      commands: visible.map((one) => one.name()),
      options: [...new Set([...own.flatMap(({ long }) => long ?? []), '--help'])].sort(),
    },
    ...visible.flatMap((one) => nodesOf(one, [...path, one.name()])),
  ]
}

const rootOf = (command: Command): Command | undefined => {
  let root: Command | null = command.parent
  while (root?.parent) root = root.parent
  return root ?? undefined
}

const bashScript = (nodes: readonly Node[]): string => {
  const paths = nodes.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(' ')}"`)
  const cases = nodes.map(({ path, commands, options }) => {
    const words = [...commands, ...options].join(' ')
    return `    "${path.join(' ')}") words="${words}" ;;`
  })
  return `_vigie() {
  local word path="" words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${paths.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _vigie vigie
`
}

/** fish knows no path: a command is at its turn where its words have been seen, and none of its subcommands. */
const fishScript = (nodes: readonly Node[]): string =>
  nodes
    .flatMap(({ path, commands, options }) => {
      const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
      const unseen = commands.length > 0 ? [`not __fish_seen_subcommand_from ${commands.join(' ')}`] : []
      const when = [...seen, ...unseen].join('; and ')
      const condition = when === '' ? '' : ` -n '${when}'`
      return [
        ...(commands.length > 0 ? [`complete -c vigie -f${condition} -a '${commands.join(' ')}'`] : []),
        ...options.map((option) => `complete -c vigie${condition} -l ${option.slice(2)}`),
      ]
    })
    .join('\n')
    .concat('\n')
