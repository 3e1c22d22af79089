import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { territories, territoryGroups } from '../../../lambdas/domain/core/place/territory.ts'
import { folded } from '../../../lambdas/domain/core/text/spelling.ts'
import gazetteer from '../../../lambdas/domain/detection/gazetteer.json' with { type: 'json' }
import {
  noTerritory,
  placesAmong,
  readPlace,
  readTerritory,
  territoriesMeant,
} from '../../../lambdas/domain/detection/gazetteer.ts'
import { detection } from '../../support/detections.ts'
import { textOf } from '../../support/faults.ts'

const overseas = territoryGroups.find(({ id }) => id === 'overseas')?.members ?? []

const ledTo = (...written: readonly string[]): string => {
  const { found, unread } = placesAmong<never>(written, readTerritory)
  const said = found.map(({ code, method, via }) => [code, method, via].filter(Boolean).join(' '))
  return [...said, ...unread.map(({ word }) => `? ${word}`)].join(', ')
}

describe('a place as a source describes it', () => {
  test.each([
    ['La Réunion', {}, 'RE'],
    ['wallis and futuna', {}, 'WF'],
    ['Saint-Martin', { country: 'SX' }, undefined],
    ['Sint Maarten', {}, undefined],
    ['Corsica', { country: 'US' }, undefined],
    ['Corsica', { country: 'FR' }, 'COR'],
    ['Nouméa', { country: 'NC' }, 'NC'],
    ['Bonifacio', { area: 'FR-20R', country: 'FR' }, 'COR'],
    ['Bonifacio', { area: 'Corse-du-Sud' }, 'COR'],
    ['Charlotte', { area: 'NC', country: 'US' }, undefined],
    ['Somewhere', { aliases: ['French Polynesia'] }, 'PF'],
    ['Azerbaïdjan', { aliases: ['AZE'] }, undefined],
    ['constructor', {}, undefined],
  ])('%s %j', (name, fields, code) => {
    const reading = readPlace({ name, ...fields })
    expect(reading?.kind === 'territory' ? reading.code : undefined).toBe(code)
  })

  test.each(['DROM-COM', 'Les Outre-mer'])('%s is all territories but Corsica', (name) => {
    expect(readPlace({ name })).toEqual({ kind: 'group', codes: overseas, via: name })
  })

  test('a town is looked up where no other field contradicts it', () => {
    const town = { kind: 'town', code: 'NC', via: 'Nouméa' }
    expect(readPlace({ name: 'Nouméa' })).toEqual(town)
    expect(readPlace({ name: 'Nouméa', country: 'France' })).toEqual(town)
    expect(readPlace({ name: 'Nouméa', region: 'French overseas territories' })).toEqual(town)
    expect(readPlace({ name: 'Nouméa', country: 'Fiji' })).toBeUndefined()
    expect(readPlace({ name: 'Nouméa', area: 'Ontario' })).toBeUndefined()
    expect(readPlace({ region: 'Nouméa' })).toBeUndefined()
  })
})

describe('a name of a territory', () => {
  test.each([
    ...territories.flatMap(({ code, iso, name }) =>
      [code.toLowerCase(), ` ${iso} `, name.en, name.fr.toUpperCase()].map((written) => [written, code] as const),
    ),
    ...([
      ['971', 'GP'],
      ['984', 'TF'],
      ['988', 'NC'],
      ['2b', 'COR'],
      ['20R', 'COR'],
      ['FR-MQ', 'MQ'],
      ['REU', 'RE'],
      ['la Corse', 'COR'],
      ['KANAKY–Nouvelle-Calédonie', 'NC'],
    ] as const),
  ])('%s is %s, explicitly', (written, code) => {
    expect(ledTo(written)).toBe(`${code} explicit`)
  })

  test('groups by id and by name', () => {
    expect(ledTo('pacific')).toBe('NC group pacific, PF group pacific, WF group pacific')
    expect(ledTo('Antilles françaises')).toBe(
      ['GP', 'MQ', 'BL', 'MF'].map((code) => `${code} group Antilles françaises`).join(', '),
    )
  })

  test.each([
    ['Nouméa', 'NC gazetteer Nouméa'],
    ['Bastia', 'COR gazetteer Bastia'],
    ['Le Robert', 'MQ gazetteer Le Robert'],
  ])('%s is in the gazetteer', (written, led) => {
    expect(ledTo(written)).toBe(led)
  })

  test.each([
    ['Saint-Denis (La Réunion)', 'RE explicit Saint-Denis (La Réunion)'],
    ['Saint-Denis, Réunion, France', 'RE explicit Saint-Denis, Réunion'],
    ['Nouméa, New Caledonia', 'NC explicit Nouméa, New Caledonia'],
    ['Ajaccio, France', 'COR gazetteer Ajaccio'],
    ['Saint-Denis, France', '? Saint-Denis, France'],
    ['Nouméa, Martinique', '? Nouméa, Martinique'],
    ['Charlotte, NC', '? Charlotte, NC'],
    ['Saint-Martin / Sint Maarten', 'MF explicit, ? Sint Maarten'],
  ])('%s: the surrounding place decides', (written, led) => {
    expect(ledTo(written)).toBe(led)
  })

  test.each(['Saint-Denis', 'Le François', 'Polynesia', 'Polynésie', 'France', 'le-monde.re', '94', '__proto__', ''])(
    '%j alone leads nowhere',
    (written) => {
      expect(ledTo(written)).toBe(`? ${written}`)
    },
  )

  test('trap 10: Guyana and Polynésie count next to French territories, Polynesia nowhere', () => {
    expect(ledTo('Guyana', 'Martinique')).toBe('GF explicit Guyana, MQ explicit')
    expect(ledTo('Guyana', 'antilles')).toContain('GF explicit Guyana')
    expect(ledTo('Polynésie', 'NC')).toBe('PF explicit Polynésie, NC explicit')
    expect(ledTo('Polynesia', 'NC')).toBe('NC explicit, ? Polynesia')
    expect(ledTo('Guyana', 'Polynésie')).toBe('? Guyana, ? Polynésie')
  })

  test('an unread name is refused with what to write', () => {
    expect(textOf(noTerritory('Saint-Denis'))).toBe(
      '"Saint-Denis" is a commune of RE and a name of other places: give RE',
    )
    expect(textOf(noTerritory('saint pierre'))).toContain('give MQ or PM or RE')
    expect(textOf(noTerritory('Guyana'))).toBe(
      '"Guyana" alone may be another place than French Guiana: give GF for that',
    )
    expect(textOf(noTerritory('Atlantis'))).toMatch(
      /^"Atlantis" is no territory: give NC, .*INSEE code, a name, or a group \(/,
    )
  })

  test.each([
    ['Martinqiue', 'MQ'],
    ['St Pierre et Miqelon', 'PM'],
    ['Polynésie fr.', 'PF'],
    ['outremer', 'BL GF GP MF MQ NC PF PM RE TF WF YT'],
    ['océan Indien', 'RE TF YT'],
    ['Caraïbes', 'BL GP MF MQ'],
  ])('%j has suggestions, and places nothing', (written, codes) => {
    expect(ledTo(written)).toBe(`? ${written}`)
    expect(territoriesMeant(written)[0]?.codes.toSorted().join(' ')).toBe(codes)
    expect(textOf(noTerritory(written))).toContain('did you mean')
  })

  test.each(['Madagascar', 'Dominique', 'Saint-Denis', 'XX', ''])('%j has no suggestions', (written) => {
    expect(territoriesMeant(written)).toEqual([])
  })

  test('a name with two swapped letters suggests its territory', () => {
    const longNames = territories.flatMap(({ code, name }) =>
      [name.fr, name.en].filter((one) => one.length >= 8).map((one) => ({ code, name: one })),
    )
    fc.assert(
      fc.property(fc.constantFrom(...longNames), fc.nat(), ({ code, name }, at) => {
        const place = at % (name.length - 1)
        const [a = '', b = ''] = [name[place], name[place + 1]]
        const written = `${name.slice(0, place)}${b}${a}${name.slice(place + 2)}`
        fc.pre(ledTo(written).startsWith('?') && /\p{L}{2}/u.test(`${a}${b}`))
        expect(territoriesMeant(written).flatMap(({ codes }) => codes)).toContain(code)
      }),
    )
  })

  test('any text is read without an error', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (written) => void ledTo(written)))
  })

  test('case, accents and hyphens make no difference', () => {
    const names = territories.flatMap(({ name }) => [name.fr, name.en])
    fc.assert(
      fc.property(fc.constantFrom(...names, ...gazetteer.towns.NC), fc.boolean(), fc.boolean(), (name, upper, bare) => {
        const spelled = bare ? name.normalize('NFKD').replace(/\p{M}/gu, '').replace(/[-’']/g, ' ') : name
        const codes = (written: string) => placesAmong<never>([written], readTerritory).found.map(({ code }) => code)
        expect(codes(upper ? spelled.toUpperCase() : spelled)).toEqual(codes(name))
      }),
    )
  })
})

test('a detection reads its territories the same way', () => {
  expect(detection({ territories: ['974', 'Bastia', 'Guyana'] }).territories).toEqual([
    { code: 'COR', method: 'gazetteer', via: 'Bastia' },
    { code: 'GF', method: 'explicit', via: 'Guyana' },
    { code: 'RE', method: 'explicit' },
  ])
})

/** INSEE’s list of 12 MB, installed by `npm run build:gazetteer` alone. */
const installed = new URL('../../../tools/gazetteer/node_modules/', import.meta.url)

describe.skipIf(!existsSync(installed))('the gazetteer (skipped without npm run build:gazetteer)', () => {
  type Commune = { readonly code: string; readonly nom: string }
  const communes: readonly Commune[] = existsSync(installed)
    ? createRequire(installed)('@etalab/decoupage-administratif/data/communes.json')
    : []
  const mainland = new Set(
    communes
      .filter(({ code }) => !/^(?:97|98|2[AB])/.test(code))
      .map(({ nom }) => folded(nom).replace(/^(?:l|la|le|les) /, '')),
  )

  test('holds no name of a commune of the mainland, and none twice', () => {
    const names = Object.values(gazetteer.towns).flat()
    expect(names.length).toBeGreaterThan(400)
    expect(names.filter((name) => mainland.has(folded(name).replace(/^(?:l|la|le|les) /, '')))).toEqual([])
    const owners = Object.entries(gazetteer.towns).flatMap(([code, towns]) =>
      towns.map((town) => [folded(town), code] as const),
    )
    for (const [town, code] of owners) expect(new Map(owners).get(town)).toBe(code)
  })

  test('loses no commune: each is listed, or left out by name', () => {
    const known = new Set([...Object.values(gazetteer.towns).flat(), ...Object.keys(gazetteer.shared)])
    const missing = communes.filter(({ code, nom }) => /^(?:97|98[^9]|2[AB])/.test(code) && !known.has(nom))
    expect(missing).toEqual([])
  })
})
