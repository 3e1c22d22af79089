/** Codes and names of places: what leads to a territory, and what must not. */
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

/** The codes and the method in one text: short to write and to compare. */
const ledTo = (...written: readonly string[]): string => {
  const { found, unread } = placesAmong<never>(written, readTerritory)
  const said = found.map(({ code, method, via }) => [code, method, via].filter(Boolean).join(' '))
  return [...said, ...unread.map(({ word }) => `? ${word}`)].join(', ')
}

describe('a place as a source describes it', () => {
  test.each([
    ['La Réunion', {}, 'RE'],
    ['Réunion Island', {}, 'RE'],
    ['wallis and futuna', {}, 'WF'],
    ['Saint-Martin', {}, 'MF'],
    ['Saint-Martin', { country: 'SX' }, undefined],
    ['Sint Maarten', {}, undefined],
    ['Corsica', { country: 'US' }, undefined],
    ['Corsica', { country: 'FR' }, 'COR'],
    ['Nouméa', { country: 'NC' }, 'NC'],
    ['Bonifacio', { area: 'FR-20R', country: 'FR' }, 'COR'],
    ['Bonifacio', { area: '2A', country: 'France' }, 'COR'],
    ['Bonifacio', { area: 'Corse-du-Sud' }, 'COR'],
    ['Charlotte', { area: 'NC', country: 'US' }, undefined],
    ['NC', {}, undefined],
    ['Somewhere', { aliases: ['French Polynesia'] }, 'PF'],
    ['Azerbaïdjan', { aliases: ['AZE'] }, undefined],
    ['France', { country: 'France' }, undefined],
    ['constructor', {}, undefined],
  ])('%s %j', (name, fields, code) => {
    const reading = readPlace({ name, ...fields })
    expect(reading?.kind === 'territory' ? reading.code : undefined).toBe(code)
  })

  test.each(['Outre-mer', 'DROM-COM', 'French overseas territories', 'Les Outre-mer'])(
    '%s is all but Corsica',
    (name) => {
      expect(readPlace({ name })).toEqual({ kind: 'group', codes: overseas, via: name })
    },
  )

  test('a town is looked up where nothing else says in what it lies', () => {
    const town = { kind: 'town', code: 'NC', via: 'Nouméa' }
    expect(readPlace({ name: 'Nouméa' })).toEqual(town)
    expect(readPlace({ name: 'Nouméa', country: 'France' })).toEqual(town)
    expect(readPlace({ name: 'Nouméa', region: 'French overseas territories' })).toEqual(town)
    expect(readPlace({ name: 'Nouméa', country: 'Fiji' })).toBeUndefined()
    expect(readPlace({ name: 'Nouméa', area: 'Ontario' })).toBeUndefined()
    expect(readPlace({ region: 'Nouméa' })).toBeUndefined()
  })
})

describe('a word that stands for a territory', () => {
  test.each([
    ...territories.flatMap(({ code, iso, name }) =>
      [code, iso, code.toLowerCase(), ` ${iso.toLowerCase()} `, name.fr, name.en, name.fr.toUpperCase()].map(
        (written) => [written, code] as const,
      ),
    ),
    ...([
      ['971', 'GP'],
      ['972', 'MQ'],
      ['973', 'GF'],
      ['974', 'RE'],
      ['975', 'PM'],
      ['976', 'YT'],
      ['977', 'BL'],
      ['978', 'MF'],
      ['984', 'TF'],
      ['986', 'WF'],
      ['987', 'PF'],
      ['988', 'NC'],
      ['2A', 'COR'],
      ['2b', 'COR'],
      ['20R', 'COR'],
      ['FR-2B', 'COR'],
      ['FR-MQ', 'MQ'],
      ['REU', 'RE'],
    ] as const),
    ...(['Corsica', 'Corse', 'Corsu', 'la Corse'] as const).map((written) => [written, 'COR'] as const),
    ...(['Kanaky', 'KANAKY–Nouvelle-Calédonie'] as const).map((written) => [written, 'NC'] as const),
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
    ['noumea', 'NC gazetteer noumea'],
    ['Bastia', 'COR gazetteer Bastia'],
    ['Tahiti', 'PF gazetteer Tahiti'],
    ['Schoelcher', 'MQ gazetteer Schoelcher'],
    ['Le Robert', 'MQ gazetteer Le Robert'],
  ])('%s stands in the gazetteer', (written, led) => {
    expect(ledTo(written)).toBe(led)
  })

  test.each([
    ['Saint-Denis (La Réunion)', 'RE explicit Saint-Denis (La Réunion)'],
    ['Saint-Pierre, Saint-Pierre-et-Miquelon', 'PM explicit Saint-Pierre, Saint-Pierre-et-Miquelon'],
    ['Saint-Denis, Réunion, France', 'RE explicit Saint-Denis, Réunion'],
    ['Nouméa, New Caledonia', 'NC explicit Nouméa, New Caledonia'],
    ['Ajaccio, France', 'COR gazetteer Ajaccio'],
    ['Saint-Denis, France', '? Saint-Denis, France'],
    ['Nouméa, Martinique', '? Nouméa, Martinique'],
    ['Corsica, Jamaica', '? Corsica, Jamaica'],
    ['Charlotte, NC', '? Charlotte, NC'],
    ['NC, PF', '? NC, PF'],
    ['Saint-Martin / Sint Maarten', '? Saint-Martin / Sint Maarten'],
  ])('%s: what it lies in decides', (written, led) => {
    expect(ledTo(written)).toBe(led)
  })

  test.each([
    'Saint-Denis',
    'Saint-Pierre',
    'Le François',
    'Robert',
    'Pointe-Noire',
    'Régina',
    'Polynesia',
    'Melanesia',
    'Guyana',
    'Polynésie',
    'Sint Maarten',
    'France',
    'Paris',
    'Baku',
    'le-monde.re',
    '.nc',
    '94',
    'constructor',
    '__proto__',
    '',
  ])('%j alone leads nowhere', (written) => {
    expect(ledTo(written)).toBe(`? ${written}`)
  })

  test('trap 10: Guyana and Polynésie hold beside French territories, Polynesia nowhere', () => {
    expect(ledTo('Guyana', 'Martinique')).toBe('GF explicit Guyana, MQ explicit')
    expect(ledTo('Guyana', 'antilles')).toContain('GF explicit Guyana')
    expect(ledTo('Polynésie', 'NC')).toBe('PF explicit Polynésie, NC explicit')
    expect(ledTo('Polynesia', 'NC')).toBe('NC explicit, ? Polynesia')
    expect(ledTo('Guyana', 'Polynésie')).toBe('? Guyana, ? Polynésie')
  })

  test('what leads nowhere says what to write', () => {
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
    ['Nlle-Calédonie', 'NC'],
    ['St Pierre et Miqelon', 'PM'],
    ['Guadaloupe', 'GP'],
    ['Polynésie fr.', 'PF'],
    ['outremer', 'BL GF GP MF MQ NC PF PM RE TF WF YT'],
    ['Polynésie', 'PF'],
    ['Pacifique', 'NC PF WF'],
    ['océan Indien', 'RE TF YT'],
    ['Indian Ocean', 'RE TF YT'],
    ['Caraïbes', 'BL GP MF MQ'],
  ])('%j is told as what it may mean, and stands for nothing', (written, codes) => {
    expect(ledTo(written)).toBe(`? ${written}`)
    expect(territoriesMeant(written)[0]?.codes.toSorted().join(' ')).toBe(codes)
    expect(textOf(noTerritory(written))).toContain('did you mean')
  })

  test.each(['Paris', 'Madagascar', 'New York', 'Dominique', 'Saint-Denis', 'Guyana', 'NC', 'XX', '', 'France'])(
    '%j means nothing else',
    (written) => {
      expect(territoriesMeant(written)).toEqual([])
    },
  )

  test('two letters that are swapped in a name still mean its territory', () => {
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

  test('any text is read or not, never thrown at', () => {
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

describe('territories of a detection', () => {
  test('are read by the same resolver', () => {
    expect(detection({ territories: ['Kanaky', '974', 'Bastia', 'Guyana'] }).territories).toEqual([
      { code: 'COR', method: 'gazetteer', via: 'Bastia' },
      { code: 'GF', method: 'explicit', via: 'Guyana' },
      { code: 'NC', method: 'explicit' },
      { code: 'RE', method: 'explicit' },
    ])
  })
})

/** INSEE's list, which is installed for who builds the gazetteer anew: 12 MB that nobody else needs. */
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
