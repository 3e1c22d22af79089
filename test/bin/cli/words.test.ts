import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { territoryAsked } from '../../../bin/cli/arguments.ts'
import { vigieCommand } from '../../../bin/cli/program.ts'

test.each([
  ['antilles', 'territory: "antilles" is several: give BL or GP or MF or MQ'],
  ['Atlantis', 'territory: "Atlantis" is no territory: give NC'],
  ['', 'territory: '],
])('the territory %j is refused', async (text, message) => {
  expect(await territoryAsked('territory', 'nouvelle-calédonie')).toBe('NC')
  await expect(territoryAsked('territory', text)).rejects.toThrow(message)
})

describe('an option that a command shares with its subcommand', () => {
  /** The called command and its options, without an action. */
  const given = async (...words: readonly string[]) => {
    const ran: Command[] = []
    const vigie = vigieCommand()
    const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)]
    for (const command of all(vigie)) {
      if (command !== vigie) command.action(() => void ran.push(command))
      command.exitOverride().configureOutput({ writeErr: () => {} })
    }
    await vigie.parseAsync(words, { from: 'user' })
    return { command: ran[0]?.name(), options: ran[0]?.opts() }
  }
  const shared = vigieCommand().commands.flatMap((parent) =>
    parent.commands.flatMap((child) => {
      const names = new Set(parent.options.map(({ long }) => long))
      const needed = child.options.flatMap(({ long, mandatory }) => (mandatory && long ? [long, 'x'] : []))
      return child.options
        .filter(({ long, required }) => required && names.has(long))
        .map(({ long = '' }) => ({ parent: parent.name(), child: child.name(), long: String(long), needed }))
    }),
  )

  test.each(shared)('belongs to the subcommand, before or after its name: $parent $child $long', async (one) => {
    expect(shared).toContainEqual(expect.objectContaining({ parent: 'flash', child: 'approve', long: '--cap' }))
    for (const words of [
      [one.parent, one.child, 'x', ...one.needed, one.long, 'TLP:GREEN'],
      [one.parent, one.long, 'TLP:GREEN', one.child, 'x', ...one.needed],
    ]) {
      const { command, options } = await given(...words)
      expect([command, Object.values(options ?? {}).flat()]).toEqual([one.child, expect.arrayContaining(['TLP:GREEN'])])
    }
  })

  test('is refused if the subcommand lacks it', async () => {
    const words = given('flash', 'approve', 'x', '--by', 'x', '--until', '2026-11-30T00:00:00Z')
    await expect(words).rejects.toThrow('flash approve has no option --until')
  })
})
