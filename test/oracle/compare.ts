/** Compares a report's facts with the oracle's: a line for each difference. */
import { type Expected, isPublic, type Question, type Told } from './counting.ts'

type Json = { readonly [name: string]: Json } & readonly Json[] & { readonly value: number | null }
type Row = {
  readonly detections: number
  readonly posts: Told
  readonly accounts?: Told
  readonly first?: string
  readonly lagDays?: number
}

const written = (told: Told | undefined): string => {
  if (!told) return 'nothing'
  if (told.value === null) return told.qualifier
  return `${told.value} ${told.qualifier}${told.atMost === undefined ? '' : ` at most ${told.atMost}`}`
}

/** Lines such as `NC 2024-W20 TLP:AMBER totals.posts: 160 exact, the oracle says 100 at least`. */
export const differencesOf = (expected: Expected, facts: unknown, question: Question): readonly string[] => {
  const report = facts as Json
  const lines: string[] = []
  const differ = (what: string, is: string, wanted: string) => {
    if (is !== wanted) {
      const { territory, period, cap } = question
      lines.push(`${territory} ${period} ${cap} ${what}: ${is}, the oracle says ${wanted}`)
    }
  }
  const totals = (what: string, is: Json | undefined, wanted: Expected['totals']) => {
    for (const [name, value] of Object.entries(wanted)) {
      const told = is?.[name] as unknown
      if (typeof value === 'number') differ(`${what}.${name}`, String(told), String(value))
      else differ(`${what}.${name}`, written(told as Told), written(value))
    }
  }
  const rows = (what: string, is: Json | undefined, key: string, wanted: Readonly<Record<string, Row>>) => {
    const found = new Map([...(is ?? [])].map((row) => [String(row[key]).toLowerCase(), row as unknown as Row]))
    for (const name of new Set([...found.keys(), ...Object.keys(wanted).map((one) => one.toLowerCase())])) {
      const own = wanted[name] ?? wanted[name.toUpperCase()]
      const row = found.get(name)
      differ(`${what} ${name} detections`, String(row?.detections ?? 'no row'), String(own?.detections ?? 'no row'))
      if (!row || !own) continue
      differ(`${what} ${name} posts`, written(row.posts), written(own.posts))
      if (own.first) differ(`${what} ${name} first`, String(row.first), own.first)
      if (own.lagDays !== undefined) differ(`${what} ${name} lag`, String(row.lagDays), String(own.lagDays))
      if (own.accounts) differ(`${what} ${name} accounts`, written(row.accounts), written(own.accounts))
    }
  }
  const ids = (what: string, is: Json | undefined, wanted: readonly string[]) =>
    differ(
      what,
      [...(is ?? [])]
        .map(({ id }) => String(id))
        .toSorted()
        .join(' '),
      wanted.join(' '),
    )

  totals('totals', report.totals, expected.totals)
  const headlines = (report.headlines ?? []) as readonly { readonly figure: string; readonly total: Told }[]
  const number = headlines.find(({ figure }) => figure === 'detections')?.total
  differ('number of detections', written(number), written(expected.detections))
  const { joint } = report as { readonly joint?: Json }
  const bare = (told: Told | undefined): string => written(told).replace(/ at most .*/, '')
  differ('joint posts', bare(joint?.posts as Told | undefined), bare(expected.joint?.posts))
  differ('joint own', bare(joint?.own as Told | undefined), bare(expected.joint?.own))
  const codes = [...(joint?.territories ?? [])].map(String).toSorted()
  differ('joint territories', codes.join(' '), (expected.joint?.territories ?? []).join(' '))
  differ('joint differ', String(joint?.differ === (true as unknown)), String(expected.joint?.differ ?? false))
  ids('manoeuvres', report.manoeuvres, expected.manoeuvres)
  // Manoeuvres come to the total, but for what it leaves out.
  const adding = [...(report.manoeuvres ?? [])].flatMap(({ figures, apart }) =>
    ((apart ?? []) as readonly unknown[]).includes('posts') ? [] : (figures?.posts?.value ?? []),
  )
  const wholly = adding.reduce((sum, value) => sum + Number(value), 0)
  if (expected.totals.posts.value !== null && expected.totals.manoeuvres > 0)
    differ(
      'posts of manoeuvres',
      String(Math.min(wholly, Number.MAX_SAFE_INTEGER)),
      String(expected.totals.posts.value),
    )
  for (const { id, apart } of [...(report.manoeuvres ?? [])]) {
    const told = ((apart ?? []) as readonly unknown[]).join(' ')
    differ(`apart ${id}`, told, (expected.apart[String(id)] ?? []).join(' '))
  }
  const inOrder = (list: Json | undefined, key: string) => [...(list ?? [])].map((one) => String(one[key])).join(' ')
  differ('order', inOrder(report.manoeuvres, 'id'), expected.order.join(' '))
  differ('campaigns', inOrder(report.campaigns, 'name').toLowerCase(), expected.campaigns.join(' '))
  const { reached, none, said } = expected.effects
  const nodesBelow = (entry: Json): readonly string[] => [
    String(entry.id),
    ...[...(entry.parts ?? [])].flatMap(nodesBelow),
  ]
  const wholeOf = (id: string) => [...(report.manoeuvres ?? [])].find((one) => nodesBelow(one).includes(id))?.id
  const { effects } = report as { readonly effects?: Json }
  const told = [...(effects?.reached ?? [])].map((one) => String(wholeOf(String(one.id))))
  differ('effects reached', told.join(' '), reached.slice(0, 3).join(' '))
  differ('effects more', String(effects?.more), String(Math.max(0, reached.length - 3)))
  differ('effects none', String(effects?.none), String(none))
  for (const [name, count] of Object.entries(said))
    differ(`effects ${name}`, String(effects?.stated?.[name]), String(count))
  ids('ongoing', report.ongoing, expected.ongoing)
  ids('undatedHere', report.undatedHere, expected.undatedHere)
  differ('withheld', String(report.withheld), String(expected.withheld))
  rows('days', report.days, 'date', expected.days)
  differ('undated detections', String(report.undated?.detections), String(expected.undated.detections))
  const { posts } = expected.undated
  if (posts.value !== null) {
    differ('undated posts', String((report.undated?.posts as Told | undefined)?.value ?? 0), String(posts.value))
  }
  rows('platforms', report.platforms, 'name', expected.platforms)
  rows('kinds', report.kinds, 'name', expected.kinds)
  rows('hashtags', report.hashtags, 'name', expected.hashtags)
  rows('narratives', report.narratives, 'name', expected.narratives)
  rows('languages', report.languages, 'name', expected.languages)
  for (const { period, totals: is } of [...(report.before ?? [])]) {
    const wanted = expected.before[String(period)]
    if (wanted) totals(`before ${period}`, is, wanted)
    else differ('before', String(period), 'no such period')
  }
  if (isPublic(question.cap)) differ('since', String(report.since), 'undefined')
  for (const list of isPublic(question.cap) ? [] : (['added', 'goesOn', 'ended'] as const)) {
    const told = [...(report.since?.[list]?.listed ?? [])].map(({ campaign, last }) => {
      const name = campaign === undefined ? 'a manoeuvre' : String(campaign).toLowerCase()
      return last === undefined ? name : `${name}, ${last}`
    })
    differ(`since ${list}`, told.toSorted().join('; '), expected.since[list].toSorted().join('; '))
    differ(`since ${list} count`, String(report.since?.[list]?.count), String(expected.since[list].length))
  }
  if (report.since) differ('since silent', String(report.since.silent), String(expected.since.silent))
  const entries = (list: Json | undefined): readonly Json[] =>
    [...(list ?? [])].flatMap((entry) => [entry, ...entries(entry.parts)])
  for (const { id, figures } of [report.manoeuvres, report.ongoing, report.undatedHere].flatMap(entries)) {
    for (const [name, wanted] of Object.entries(expected.listed[String(id)] ?? {})) {
      differ(`entry ${id} ${name}`, written(figures?.[name] as unknown as Told), written(wanted))
    }
  }
  for (const across of [...(report.across ?? [])]) {
    const id = String(across.manoeuvre)
    const wanted = expected.across[id]
    if (!wanted) {
      differ(`across ${id}`, 'there', 'no such manoeuvre')
      continue
    }
    rows(`across ${id}`, across.rows, 'territory', wanted.rows)
    differ(`across ${id} first`, String(across.first?.at), wanted.first)
    rows(`across ${id}`, [{ ...across.total, name: 'total' }] as unknown as Json, 'name', { total: wanted.total })
  }
  for (const [id, { rows }] of Object.entries(expected.across)) {
    const isTold = [...(report.across ?? [])].some(({ manoeuvre }) => String(manoeuvre) === id)
    if (!isTold && Object.keys(rows).length > 0) differ(`across ${id}`, 'not there', Object.keys(rows).join(' '))
  }
  return lines
}
