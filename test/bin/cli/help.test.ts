import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { vigieCommand } from '../../../bin/cli/program.ts'

const everyCommand = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(everyCommand)]

test.each(everyCommand(vigieCommand()).map((command) => [command.name(), command] as const))(
  'the help of %s has no line over 80 columns',
  (_name, command) => {
    const written: string[] = []
    command.configureOutput({ getOutHelpWidth: () => 80, writeOut: (text) => void written.push(text) })
    command.outputHelp()
    const lines = written.join('').split('\n')
    expect(lines.length).toBeGreaterThan(2)
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  },
)
