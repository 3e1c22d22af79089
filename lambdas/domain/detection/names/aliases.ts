/** Maps spellings to one canonical name and keeps the original. */
import { iso31661 } from 'iso-3166/1.js'
import * as z from 'zod'
import { asMessage, FaultError, quoted, inFile } from '../../core/fault.ts'
import { refusalOf } from '../../core/schema-fault.ts'
import { nameSchema } from '../../core/text/printable.ts'
import { folded } from '../../core/text/spelling.ts'
import { type Detection } from '../detection.ts'
import { betweenNames } from './known-names.ts'

type AliasKind = 'campaigns' | 'actors' | 'platforms' | 'countries'

/** Spellings by canonical name; that name is a spelling too. */
type Spellings = Readonly<Record<string, readonly string[]>>

const builtIn: Readonly<Record<AliasKind, Spellings>> = {
  campaigns: {
    RRN: ['Doppelgänger', 'Recent Reliable News', 'Reliable Recent News', 'RRN / Doppelgänger', 'Doppelgänger / RRN'],
    'UN-notorious BIG': [],
    'Portal Kombat': ['Pravda network', 'Réseau Pravda'],
    Matryoshka: ['Matriochka', 'Matrioshka'],
    Spamouflage: ['Dragonbridge', 'Spamouflage Dragon', 'Storm-1376'],
  },
  actors: {
    'Baku Initiative Group (BIG)': ['BIG', 'Baku Initiative Group', 'Groupe d’initiative de Bakou'],
  },
  platforms: {
    X: ['Twitter', 'twitter.com', 'x.com', 'X (Twitter)', 'Twitter (X)', 'X (ex-Twitter)', 'X (formerly Twitter)'],
    Facebook: ['FB', 'facebook.com', 'fb.com'],
    Instagram: ['IG', 'instagram.com'],
    Threads: ['threads.net', 'threads.com'],
    WhatsApp: ['whatsapp.com'],
    Telegram: ['TG', 't.me', 'telegram.org'],
    TikTok: ['tiktok.com'],
    YouTube: ['YT', 'youtube.com', 'youtu.be'],
    VK: ['VKontakte', 'vk.com', 'ВКонтакте'],
    Odnoklassniki: ['OK', 'ok.ru', 'Одноклассники'],
    Reddit: ['reddit.com'],
    LinkedIn: ['linkedin.com'],
    Bluesky: ['bsky', 'bsky.app'],
    Mastodon: [],
    Discord: ['discord.com'],
    Snapchat: ['snapchat.com'],
    Weibo: ['Sina Weibo', 'weibo.com'],
    Rumble: ['rumble.com'],
    Web: ['website', 'websites', 'site web', 'sites web'],
  },
  // In addition to ISO 3166-1 and the languages' names.
  countries: {
    Azerbaijan: ['Azerbaidjan', 'Republic of Azerbaijan', 'République d’Azerbaïdjan'],
    'Congo - Kinshasa': ['DRC', 'RDC', 'DR Congo'],
    'Côte d’Ivoire': ['Ivory Coast'],
    Czechia: ['Czech Republic', 'République tchèque'],
    'Myanmar (Burma)': ['Burma', 'Birmanie'],
    China: ['People’s Republic of China', 'République populaire de Chine', 'PRC', 'RPC'],
    Russia: ['Fédération de Russie'],
    Türkiye: ['Turkey'],
    'United Kingdom': ['UK', 'Great Britain', 'Grande-Bretagne'],
    'United States': ['US', 'États-Unis d’Amérique'],
  },
}

/** The English name of a country is canonical; names in the other languages are read. */
const languages = ['en', 'fr', 'az', 'ru', 'tr', 'fa', 'ar', 'zh'] as const

/** Names by spelling; the key is {@link keyOf}. */
type AliasTable = { readonly [kind in AliasKind]: ReadonlyMap<string, string> }

const keyOf = (name: string): string => folded(name).replaceAll(' ', '')

/** Capitals only: "can" and "and" are words. No two-letter codes: IS is an organisation too. */
const codeKey = (code: string): string => `ISO ${code}`

const spelling = nameSchema.refine((name) => keyOf(name) !== '', asMessage('text.noLetter'))

const spellingsSchema = z.record(spelling, z.array(spelling)).check((context) => {
  const taken = new Map<string, string>()
  for (const [name, others] of Object.entries(context.value)) {
    for (const written of [name, ...others]) {
      const known = taken.get(keyOf(written))
      if (known !== undefined && known !== name) {
        context.issues.push({
          code: 'custom',
          input: written,
          path: [name],
          message: asMessage('names.sameSpelling', { known: quoted(known), spelling: quoted(written) }),
        })
      }
      taken.set(keyOf(written), name)
    }
  }
})

const single = spellingsSchema.refine(
  (spellings) =>
    ![...Object.keys(spellings), ...Object.values(spellings).flat()].some((one) => one.includes(betweenNames)),
  asMessage('names.severalActors', { sign: quoted(betweenNames) }),
)

export const aliasesSchema = z
  .strictObject({
    campaigns: spellingsSchema.optional(),
    actors: single.optional(),
    platforms: spellingsSchema.optional(),
    countries: single.optional(),
  })
  .describe('Preferred names with their other spellings')

export type Aliases = z.output<typeof aliasesSchema>

/** @throws FaultError that names the file and the field */
export const parseAliases = (value: unknown, file: string): Aliases => {
  const read = aliasesSchema.safeParse(value)
  if (read.success) return read.data
  throw new FaultError(inFile(file, refusalOf(read.error)))
}

export const aliasTable = (...own: readonly Aliases[]): AliasTable => {
  const table = (kind: AliasKind) => namesIn(kind, own)
  return {
    campaigns: table('campaigns'),
    actors: table('actors'),
    platforms: table('platforms'),
    countries: table('countries'),
  }
}

const namesIn = (kind: AliasKind, own: readonly Aliases[]): ReadonlyMap<string, string> =>
  own.reduce((known, aliases) => laidOver(known, namesBySpelling(aliases[kind] ?? {})), usualNames(kind))

/** Built on first use: all countries in all languages take a while. */
const usualNames = (kind: AliasKind): ReadonlyMap<string, string> => {
  const made = usual.get(kind) ?? (kind === 'countries' ? countries() : namesBySpelling(builtIn[kind]))
  usual.set(kind, made)
  return made
}

const usual = new Map<AliasKind, ReadonlyMap<string, string>>()

/**
 * Returns the canonical name, and all names under which the campaign may be stored: older detections have the earlier
 * name.
 */
export const campaignSpellings = (
  written: string,
  own: readonly Aliases[],
): { readonly name: string; readonly isAlias: boolean; readonly spellings: readonly string[] } => {
  const table = namesIn('campaigns', own)
  const listed = table.get(keyOf(written))
  const name = listed ?? written.trim()
  const known = [builtIn, ...own].flatMap(({ campaigns = {} }) =>
    Object.entries(campaigns).flatMap(([one, others]) => [one, ...others]),
  )
  const same = known.filter((spelling) => table.get(keyOf(spelling)) === name)
  const spellings = [...new Map([name, ...same].map((one) => [one.toLowerCase(), one])).values()]
  return { name, isAlias: listed !== undefined, spellings }
}

export const campaignNames = (written: string): readonly string[] => [
  ...new Set([written, usualNames('campaigns').get(keyOf(written)) ?? written]),
]

export const otherSpellings = (kind: AliasKind): readonly (readonly string[])[] =>
  Object.entries(builtIn[kind]).map(([name, others]) => [name, ...others])

const namesBySpelling = (spellings: Spellings): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(spellings).flatMap(([name, others]) =>
      [name, ...others].map((written) => [keyOf(written), name] as const),
    ),
  )

/** Renaming a canonical name renames all its spellings; moving one leaves the others. */
const laidOver = (known: ReadonlyMap<string, string>, own: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  own.size === 0
    ? known
    : new Map([...[...known].map(([key, name]) => [key, own.get(keyOf(name)) ?? name] as const), ...own])

const countries = (): ReadonlyMap<string, string> => {
  const [english, ...others] = languages.map((language) => {
    const names = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' })
    return (code: string): string | undefined => names.of(code)
  })
  const found = new Map<string, string>()
  for (const { alpha2, alpha3, name: formal } of iso31661) {
    const name = english?.(alpha2) ?? formal
    found.set(keyOf(name), name)
    found.set(codeKey(alpha3), name)
    for (const written of [formal, ...others.map((nameIn) => nameIn(alpha2))]) {
      // A country's name in one language never replaces another country's.
      if (written !== undefined && !found.has(keyOf(written))) found.set(keyOf(written), name)
    }
  }
  return laidOver(found, namesBySpelling(builtIn.countries))
}

/** Separators between platforms in one name. */
const betweenPlatforms = /\s*[/&|,;]\s*|\s+(?:\+|et|and)\s+/i
/** Stricter, since `AC/DC` is a single name. */
const surelyBetween = /\s[/&|+]\s|[,;]\s|\s(?:et|and|ou|or)\s/i

const platformsAmong = (written: string, table: ReadonlyMap<string, string>): readonly string[] | undefined => {
  if (table.has(keyOf(written)) || !betweenPlatforms.test(written)) return undefined
  const names = written.split(betweenPlatforms).map((part) => table.get(keyOf(part)))
  return names.every((name) => name !== undefined) ? [...new Set(names)] : undefined
}

export const seemsSeveral = (written: string): boolean => {
  const table = usualNames('platforms')
  return !table.has(keyOf(written)) && (surelyBetween.test(written) || platformsAmong(written, table) !== undefined)
}

const maxRemembered = 10_000

/** Keeps differing originals in `reported`; returns an unchanged detection as is. */
export const normalisingWith = (table: AliasTable): ((detection: Detection) => Detection) => {
  const campaignIn = remembering((written) => table.campaigns.get(keyOf(written)) ?? written)
  const platformIn = remembering((written) => table.platforms.get(keyOf(written)) ?? written)
  const severalIn = remembering((written) => platformsAmong(written, table.platforms))
  const actorsIn = remembering((written) => actorsNamed(written, table))
  return (detection) => {
    const { campaign, actor, platforms, counts } = detection
    const campaignNow = campaign && campaignIn(campaign)
    // Names by language were chosen deliberately.
    const actorWritten = typeof actor?.name === 'string' ? actor.name : undefined
    const actorNow = actorWritten && actorsIn(actorWritten)
    const written = counts.byPlatform ? [...platforms, ...counts.byPlatform.map(({ platform }) => platform)] : platforms
    const figured = new Set(counts.byPlatform?.map(({ platform }) => platform))
    // Figures for several platforms cannot be split.
    const namesIn = (platform: string): readonly string[] =>
      (figured.has(platform) ? undefined : severalIn(platform)) ?? [platformIn(platform)]
    const isSame =
      campaignNow === campaign &&
      actorNow === actorWritten &&
      written.every((platform) => namesIn(platform)[0] === platform)
    if (isSame) return detection

    const { reported, ...rest } = detection
    const present = new Set(written.flatMap(namesIn))
    const others = [...new Set([...(reported?.platforms ?? []), ...written])].filter((name) => !present.has(name))
    const before = {
      ...differing('campaign', reported?.campaign ?? campaign, campaignNow),
      ...differing('actor', reported?.actor ?? actorWritten, actorNow),
      ...(others.length > 0 && { platforms: others }),
      ...(reported?.territories && { territories: reported.territories }),
    }
    return {
      ...rest,
      ...(campaignNow !== undefined && { campaign: campaignNow }),
      ...(actor && actorNow && { actor: { ...actor, name: actorNow } }),
      platforms: [...new Set(platforms.flatMap(namesIn))],
      counts: {
        ...counts,
        ...(counts.byPlatform && {
          byPlatform: counts.byPlatform.map((row) => ({ ...row, platform: platformIn(row.platform) })),
        }),
      },
      ...(Object.keys(before).length > 0 && { reported: before }),
    }
  }
}

const differing = (field: 'campaign' | 'actor', written: string | undefined, now: string | undefined) =>
  written === undefined || written === now ? {} : { [field]: written }

const remembering = <Found>(find: (written: string) => Found): ((written: string) => Found) => {
  const known = new Map<string, { readonly name: Found }>()
  return (written) => {
    const { name } = known.get(written) ?? { name: find(written) }
    if (known.size >= maxRemembered) known.clear()
    known.set(written, { name })
    return name
  }
}

const actorsNamed = (written: string, table: AliasTable): string => {
  const parts = written.split(betweenNames)
  const names = parts.map((part) => actorNamed(part, table))
  if (names.every((name, at) => name === parts[at])) return written
  const joined = [...new Set(names)].join(betweenNames)
  // Canonical names may be longer and exceed the limit.
  return nameSchema.safeParse(joined).success ? joined : written
}

const actorNamed = (written: string, { actors, countries }: AliasTable): string => {
  const actor = actors.get(keyOf(written))
  if (actor !== undefined) return actor
  const country = countries.get(keyOf(written)) ?? countries.get(codeKey(written))
  return country === undefined ? written : (actors.get(keyOf(country)) ?? country)
}
