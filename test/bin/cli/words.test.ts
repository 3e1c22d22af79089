/** Words of the command line: what they stand for, and what is said of wrong ones. */
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { territoryAsked } from '../../../bin/cli/arguments.ts'
import { vigieCommand } from '../../../bin/cli/program.ts'

describe('a territory', () => {
  test.each([
    ['NC', 'NC'],
    ['fr-nc', 'NC'],
    ['972', 'MQ'],
    ['Guadeloupe', 'GP'],
    ['nouvelle-calédonie', 'NC'],
    ['Corse', 'COR'],
  ])('may be written %s', async (written, code) => {
    expect(await territoryAsked('territory', written)).toBe(code)
  })

  test.each([
    ['antilles', 'territory: "antilles" is several: give BL or GP or MF or MQ'],
    ['Atlantis', 'territory: "Atlantis" is no territory: give NC'],
    ['', 'territory: '],
  ])('is not %s', async (written, said) => {
    await expect(territoryAsked('territory', written)).rejects.toThrow(said)
  })
})

describe('an option that a command and the commands below it have', () => {
  /** The command that was run, with the options that it was given; nothing is done. */
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

  test('is there', () => {
    expect(shared).toContainEqual(expect.objectContaining({ parent: 'flash', child: 'approve', long: '--cap' }))
  })

  test.each(shared)('is of the command below: $parent $child $long', async (one) => {
    const { command, options } = await given(one.parent, one.child, 'x', ...one.needed, one.long, 'TLP:GREEN')
    expect([command, Object.values(options ?? {}).flat()]).toEqual([one.child, expect.arrayContaining(['TLP:GREEN'])])
  })

  test.each(shared)('is handed down where it is written before: $parent $long … $child', async (one) => {
    const { command, options } = await given(one.parent, one.long, 'TLP:GREEN', one.child, 'x', ...one.needed)
    expect([command, Object.values(options ?? {}).flat()]).toEqual([one.child, expect.arrayContaining(['TLP:GREEN'])])
  })

  test('is refused where the command below has none', async () => {
    const words = given('flash', 'approve', 'x', '--by', 'x', '--until', '2026-11-30T00:00:00Z')
    await expect(words).rejects.toThrow('flash approve has no option --until')
  })
})
