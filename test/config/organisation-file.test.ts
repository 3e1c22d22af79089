/** vigie.json in the home: what dresses a report, and what only intake reads. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  readOrganisation,
  readOrganisationIntake,
  readOrganisationLimits,
} from '../../lambdas/config/organisation-file.ts'
import { newFolder } from '../support/cli.ts'

let home: string
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  home = folder
  cleanUp = remove
})

afterAll(() => cleanUp())

const write = (value: unknown) => writeFile(join(home, 'vigie.json'), JSON.stringify(value))

describe('a home', () => {
  test('without vigie.json says nothing', async () => {
    expect(await readOrganisation(home)).toEqual({})
    expect(await readOrganisationIntake(home)).toEqual({})
  })

  test('keeps its rules of intake out of its reports', async () => {
    const aliases = { platforms: { Twitter: ['X'] } }
    const placing = { by: 'Ana', rules: [{ name: 'a', match: { text: 'Nouméa' }, territories: ['NC'] }] }
    await write({ organisation: 'Cellule de veille', aliases, placing })
    expect(await readOrganisation(home)).toEqual({ organisation: 'Cellule de veille' })
    expect(await readOrganisationIntake(home)).toEqual({
      aliases,
      placing: { by: 'Ana', rules: [{ name: 'a', match: { text: ['Nouméa'] }, territories: ['NC'] }] },
    })
  })

  test('sends mails from an internationalised domain', async () => {
    await write({ mail: { from: 'Vigie@Exämple.рф' } })
    expect(await readOrganisation(home)).toEqual({ mail: { from: 'Vigie@xn--exmple-cua.xn--p1ai' } })
  })

  test('says how much callers may ask for, and keeps it out of its reports', async () => {
    await write({ organisation: 'Cellule de veille', reportsPerHour: 7 })
    expect(await readOrganisation(home)).toEqual({ organisation: 'Cellule de veille' })
    expect(await readOrganisationLimits(home)).toEqual({ reportsPerHour: 7 })
  })

  test.each([
    [{ reportsPerHour: 0 }, 'vigie.json: reportsPerHour'],
    [
      { guidance: { levels: { 2: { do: [{ fr: 'a'.repeat(161), en: 'Call' }] } } } },
      'guidance.levels.2.do[0].fr must have at most 160',
    ],
    [
      { mail: { from: 'vigie@example.org', smtp: 'http://mail.example.org' } },
      'vigie.json: mail.smtp must be smtps://user@host or smtp://user@host:587',
    ],
    [{ mail: { from: 'élise@example.org' } }, 'mail.from must be a mail address'],
    [{ colour: 'red' }, 'vigie.json: has a field that the schema does not know: colour'],
    [{ accent: 'red' }, 'vigie.json: accent must be a colour such as #0c4a57'],
    [
      { placing: { by: 'Ana', rules: [{ name: 'a', match: { text: 3 }, territories: ['NC'] }] } },
      'placing.rules[0].match.text',
    ],
    [{ aliases: { platforms: 'X' } }, 'aliases.platforms must be an object'],
  ])('%j is refused with its field', async (value, message) => {
    await write(value)
    await expect(readOrganisation(home)).rejects.toThrow('vigie.json')
    await expect(readOrganisationIntake(home)).rejects.toThrow(message)
  })
})
