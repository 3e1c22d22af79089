/**
 * Reads the official DISARM bundle (STIX 2.1), and CSV files with successors of removed ids, translations and ranks.
 */

import { type CsvError, parse } from 'csv-parse/sync'
import * as z from 'zod'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import { builtInDisarm } from '../../lambdas/domain/detection/frameworks/disarm-built-in.ts'
import {
  type Names,
  type Removed,
  type Tactic,
  type Taxonomy,
  type Technique,
  techniqueIdPattern,
} from '../../lambdas/domain/detection/frameworks/disarm.ts'
import { oneLine } from '../../lambdas/intake/text/one-line.ts'

/** A file with the name that messages give it. */
export type TextFile = { readonly file: string; readonly text: string }

export type DisarmFiles = {
  readonly bundle: TextFile
  /** Columns `old_id`, `documented_successor`; also read: `old_name`, `documented_successor_gone`. */
  readonly crosswalk?: TextFile | undefined
  /**
   * Translations of tactics (`tactic_id`, `name_fr`) or techniques (`id`, `name_fr…`); phases and ranks (`disarm_id`,
   * `phase_id`, `rank`).
   */
  readonly names?: readonly TextFile[]
  /** The bundle does not say which version it is; read from the file's name where this is left out. */
  readonly release?: string | undefined
}

type DisarmIntake = {
  readonly taxonomy: Taxonomy
  /** What was read and not used, in plain words, and how often. */
  readonly noted: Readonly<Record<string, number>>
}

/** The files are no taxonomy that reports could use. */
export class TaxonomyError extends Error {
  override name = 'TaxonomyError'
}

/**
 * A taxonomy from the files' texts. What Vigie knows by itself (French tactic names, phases, successors for its own
 * samples) fills gaps where the bundle still has the ids.
 * @throws TaxonomyError with the file, the row or id that is wrong, and what mends it
 */
export const readDisarm = ({ bundle, crosswalk, names = [], release }: DisarmFiles): DisarmIntake => {
  const objects = objectsOf(bundle)
  const told = objects.find(({ type }) => caseTypes.has(type))
  if (told) throw new TaxonomyError(`${bundle.file} holds a ${told.type}, so it is no framework: vigie ingest takes it`)
  const sheets = sheetsOf(names)
  const tactics = tacticsOf(objects, bundle.file, sheets)
  const { techniques, withdrawn } = techniquesOf(objects, bundle.file, tactics, sheets)
  const version = versionOf(bundle, release)
  const removed = removedOf(crosswalk, withdrawn, techniques, version)
  const known = new Set([...tactics, ...techniques].map(({ id }) => id))
  const unused = [...sheets.french.keys(), ...sheets.placed.keys()].filter((id) => !known.has(id))
  return {
    taxonomy: {
      framework: 'DISARM',
      version,
      phases: builtInDisarm.phases.filter(({ id }) => tactics.some(({ phase }) => phase === id)),
      tactics: tactics.map(({ slug: _, ...tactic }) => tactic),
      techniques,
      removed,
    },
    noted: unused.length === 0 ? {} : { [`row of a CSV for an id that v${version} does not have`]: unused.length },
  }
}

/** What reports on cases hold, and a framework does not. */
const caseTypes: ReadonlySet<string> = new Set(['report', 'campaign', 'incident', 'intrusion-set', 'indicator'])

const looseBundle = z.object({
  type: z.literal('bundle'),
  objects: z.array(z.looseObject({ type: z.string(), id: z.string() })),
})

const looseReferences = z.array(z.looseObject({ external_id: z.string().optional() })).catch([])
const loosePhases = z.array(z.looseObject({ phase_name: z.string() })).catch([])

type StixObject = z.output<typeof looseBundle>['objects'][number]

const objectsOf = ({ file, text }: TextFile): readonly StixObject[] => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const why = messageOf(cause)
    throw new TaxonomyError(`${file} is no JSON (${why}): give DISARM’s STIX bundle`, { cause })
  }
  const read = looseBundle.safeParse(value)
  if (!read.success) throw new TaxonomyError(`${file} is no STIX bundle: give the official DISARM.json`)
  return read.data.objects
}

const versionOf = ({ file }: TextFile, release: string | undefined): string => {
  const found = release ?? /v?(\d+\.\d+(?:\.\d+)*)(?=\D*$)/.exec(file.slice(file.lastIndexOf('/') + 1))?.[1]
  if (found === undefined) {
    throw new TaxonomyError(`${file} does not say which version of DISARM it holds: say it, as in --release 1.6`)
  }
  const written = found.replace(/^v/i, '')
  if (/^\d{1,4}(\.\d{1,4}){0,3}$/.test(written)) return written
  throw new TaxonomyError(`${JSON.stringify(found)} is no version: write it like --release 1.6`)
}

const externalIds = (object: StixObject): readonly string[] =>
  looseReferences.parse(object.external_references).flatMap(({ external_id: id }) => id ?? [])

const isWithdrawn = (object: StixObject): boolean => object.revoked === true || object.x_mitre_deprecated === true

/** A tactic with the name by which techniques refer to it. */
type Named = Tactic & { readonly slug: string }

const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

const tacticsOf = (objects: readonly StixObject[], file: string, sheets: Sheets): readonly Named[] => {
  const written = objects.filter((object) => object.type === 'x-mitre-tactic' && !isWithdrawn(object))
  const order = orderIn(objects)
  const tactics =
    written.length > 0
      ? written.flatMap((object): Omit<Named, 'phase' | 'rank'>[] => {
          const id = externalIds(object).find((one) => /^TA\d{2}$/.test(one))
          const en = id === undefined ? '' : nameIn(object, id, file)
          const slug = typeof object.x_mitre_shortname === 'string' ? object.x_mitre_shortname : slugOf(en)
          return id === undefined ? [] : [{ id, slug, names: namesOf(id, en, sheets) }]
        })
      : tacticsOfPhases(objects, sheets)
  if (tactics.length === 0) {
    const found = [...new Set(written.flatMap(externalIds))].slice(0, 3).join(', ')
    throw new TaxonomyError(
      found
        ? `${file} is no DISARM bundle: its tactics are ${found}, and DISARM’s are TA01 to TA99`
        : `${file} has no tactics (x-mitre-tactic objects, or kill chain phases of attack patterns): give the official DISARM.json`,
    )
  }
  const placed = tactics.map((tactic): Named => {
    const known = builtInDisarm.tactics.find(({ id }) => id === tactic.id)
    const given = sheets.placed.get(tactic.id)
    const phase = given?.phase ?? known?.phase
    const rank = given?.rank ?? order.get(tactic.id) ?? known?.rank
    if (phase === undefined || rank === undefined) {
      throw new TaxonomyError(
        `${file}: nothing says in which ${phase === undefined ? 'phase' : 'place'} ${tactic.id} (${tactic.names.en}) stands: give it in a CSV with disarm_id, phase_id and rank by --names`,
      )
    }
    return { ...tactic, phase, rank }
  })
  const sorted = placed.sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1))
  for (const [at, tactic] of sorted.entries()) {
    const next = sorted[at + 1]
    if (!next) continue
    if (next.id === tactic.id) throw new TaxonomyError(`${file} has the tactic ${tactic.id} twice: leave one`)
    if (next.rank === tactic.rank) {
      throw new TaxonomyError(
        `${file}: ${tactic.id} and ${next.id} both have rank ${next.rank}: give every tactic's rank in one CSV by --names`,
      )
    }
  }
  return sorted
}

/** Bundles that name tactics only where techniques refer to them: those that Vigie knows by the name. */
const tacticsOfPhases = (objects: readonly StixObject[], sheets: Sheets) => {
  const phases = new Set(objects.filter(({ type }) => type === 'attack-pattern').flatMap(phaseNames))
  return builtInDisarm.tactics
    .map(({ id, names }) => ({ id, slug: slugOf(names.en), names: namesOf(id, names.en, sheets) }))
    .filter(({ slug }) => phases.has(slug))
}

const phaseNames = (object: StixObject): readonly string[] => [
  ...new Set(loosePhases.parse(object.kill_chain_phases).map(({ phase_name: name }) => name)),
]

/** Ranks as the bundle's matrix lists the tactics. */
const orderIn = (objects: readonly StixObject[]): ReadonlyMap<string, number> => {
  const matrix = objects.find(({ type }) => type === 'x-mitre-matrix')
  const refs = z.array(z.string()).catch([]).parse(matrix?.tactic_refs)
  const byRef = new Map(objects.map((object) => [object.id, object]))
  return new Map(
    refs.flatMap((ref, at) => {
      const tactic = byRef.get(ref)
      return tactic ? externalIds(tactic).map((id) => [id, at + 1] as const) : []
    }),
  )
}

const techniquesOf = (objects: readonly StixObject[], file: string, tactics: readonly Named[], sheets: Sheets) => {
  const bySlug = new Map(tactics.map((tactic) => [tactic.slug, tactic]))
  const techniques = new Map<string, Technique>()
  const withdrawn = new Map<string, string>()
  for (const object of objects) {
    if (object.type !== 'attack-pattern') continue
    const id = externalIds(object).find((one) => techniqueIdPattern.test(one))
    if (id === undefined) continue
    const en = nameIn(object, id, file)
    if (isWithdrawn(object)) {
      withdrawn.set(id, en)
      continue
    }
    if (techniques.has(id)) throw new TaxonomyError(`${file} has the technique ${id} twice: leave one`)
    const phases = phaseNames(object)
    const [tactic, other] = phases.flatMap((name) => bySlug.get(name) ?? [])
    if (!tactic || other) {
      const found = phases.length === 0 ? 'no tactic' : `the tactics ${phases.join(', ')}`
      const due = other ? 'Vigie counts a technique under one' : `the bundle's own are ${[...bySlug.keys()].join(', ')}`
      throw new TaxonomyError(`${file}: ${id} names ${found}, and ${due}`)
    }
    techniques.set(id, { id, tactic: tactic.id, names: namesOf(id, en, sheets) })
  }
  if (techniques.size === 0) {
    throw new TaxonomyError(
      `${file} has no techniques with an external_id such as T0084.001: give the official DISARM.json`,
    )
  }
  return {
    techniques: [...techniques.values()].sort(byId),
    withdrawn: new Map([...withdrawn].filter(([id]) => !techniques.has(id))),
  }
}

const nameIn = (object: StixObject, id: string, file: string): string => {
  const name = typeof object.name === 'string' ? oneLine(object.name) : ''
  if (name) return name
  throw new TaxonomyError(`${file}: ${id} has no name`)
}

const namesOf = (id: string, en: string, { french }: Sheets): Names => {
  const known = [...builtInDisarm.tactics, ...builtInDisarm.techniques].find(
    (one) => one.id === id && one.names.en === en,
  )
  const fr = french.get(id) ?? known?.names.fr
  return fr === undefined ? { en } : { en, fr }
}

/** French names, phases and ranks by id. */
type Sheets = {
  readonly french: ReadonlyMap<string, string>
  readonly placed: ReadonlyMap<string, { readonly phase: string; readonly rank: number }>
}

const sheetsOf = (files: readonly TextFile[]): Sheets => {
  const french = new Map<string, string>()
  const placed = new Map<string, { phase: string; rank: number }>()
  for (const { file, text } of files) {
    const { columns, rows } = tableOf({ file, text })
    const idColumn = ['tactic_id', 'disarm_id', 'id'].find((one) => columns.includes(one))
    const frenchColumn = columns.find((one) => one.startsWith('name_fr'))
    const places = columns.includes('phase_id') && columns.includes('rank')
    if (idColumn === undefined || (frenchColumn === undefined && !places)) {
      throw new TaxonomyError(
        `${file} has the columns ${columns.join(', ')}: give an id (tactic_id, disarm_id or id), and name_fr or phase_id and rank`,
      )
    }
    for (const { line, cells } of rows) {
      const id = cells[idColumn] ?? ''
      if (!/^TA\d{2}$/.test(id) && !techniqueIdPattern.test(id)) {
        throw new TaxonomyError(`${file}, line ${line}: ${JSON.stringify(id)} is no id such as TA06 or T0084.001`)
      }
      const name = oneLine(cells[frenchColumn ?? ''] ?? '')
      if (name && !isRemark(name)) french.set(id, name.replaceAll("'", '’'))
      if (places) placed.set(id, placeOf(cells, `${file}, line ${line}: ${id}`))
    }
  }
  return { french, placed }
}

/** A translator's word that there is no translation. */
const isRemark = (name: string): boolean => /^pas de traduction\b/i.test(name)

const placeOf = (cells: Cells, where: string) => {
  const phase = cells.phase_id ?? ''
  const rank = Number(cells.rank)
  const phases = builtInDisarm.phases.map(({ id }) => id)
  if (!phases.includes(phase)) throw new TaxonomyError(`${where} is in phase ${phase}: phases are ${phases.join(', ')}`)
  if (!Number.isInteger(rank) || rank < 1)
    throw new TaxonomyError(`${where} has rank ${cells.rank}: ranks are 1, 2, 3 …`)
  return { phase, rank }
}

const removedOf = (
  crosswalk: TextFile | undefined,
  withdrawn: ReadonlyMap<string, string>,
  techniques: readonly Technique[],
  version: string,
): readonly Removed[] => {
  const stands = new Set(techniques.map(({ id }) => id))
  const removed = new Map<string, Removed>()
  for (const [id, name] of withdrawn) removed.set(id, { id, name, successors: [], gone: [] })
  for (const one of builtInDisarm.removed) {
    const holds = one.successors.every((id) => stands.has(id)) && !one.gone.some((id) => stands.has(id))
    if (holds && !stands.has(one.id)) removed.set(one.id, one)
  }
  if (crosswalk) for (const one of crosswalkRows(crosswalk, stands, version)) removed.set(one.id, one)
  return [...removed.values()].sort(byId)
}

const crosswalkRows = ({ file, text }: TextFile, stands: ReadonlySet<string>, version: string): readonly Removed[] => {
  const { columns, rows } = tableOf({ file, text })
  for (const due of ['old_id', 'documented_successor']) {
    if (!columns.includes(due)) {
      throw new TaxonomyError(
        `${file} has the columns ${columns.join(', ')}: a crosswalk needs old_id and documented_successor`,
      )
    }
  }
  const seen = new Set<string>()
  return rows.map(({ line, cells }) => {
    const where = `${file}, line ${line}`
    const id = cells.old_id ?? ''
    if (!techniqueIdPattern.test(id))
      throw new TaxonomyError(`${where}: ${JSON.stringify(id)} is no id such as T0084.001`)
    if (seen.has(id))
      throw new TaxonomyError(`${where}: ${id} stands there twice: write its successors in one cell, apart by ;`)
    seen.add(id)
    if (stands.has(id)) {
      throw new TaxonomyError(
        `${where}: ${id} is still an id of v${version}: leave the row out, or import the bundle that the crosswalk was made for`,
      )
    }
    const successors = idsIn(cells.documented_successor)
    const unknown = successors.find((successor) => !stands.has(successor))
    if (unknown !== undefined) {
      throw new TaxonomyError(
        `${where}: ${id} has the successor ${unknown}, which v${version} does not have: correct it, or move it to documented_successor_gone`,
      )
    }
    const former = idsIn(cells.documented_successor_gone)
    const name = oneLine(cells.old_name ?? '')
    return {
      id,
      ...(name && { name }),
      successors: [...new Set([...successors, ...former.filter((one) => stands.has(one))])].sort(),
      gone: former.filter((one) => !stands.has(one)).sort(),
    }
  })
}

const idsIn = (cell: string | undefined): readonly string[] => (cell ?? '').split(/[;|,\s]+/).filter(Boolean)

type Cells = Readonly<Record<string, string>>

const looseRows = z.array(z.object({ info: z.object({ lines: z.int() }), record: z.record(z.string(), z.string()) }))

const tableOf = ({ file, text }: TextFile) => {
  let columns: string[] = []
  try {
    const parsed: unknown = parse(text, {
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      columns: (head: string[]) => {
        columns = head
        return head
      },
    })
    const rows = looseRows.parse(parsed).map(({ info, record }) => ({ line: info.lines, cells: record as Cells }))
    return { columns, rows }
  } catch (cause) {
    const { message } = cause as CsvError
    throw new TaxonomyError(`${file} is no CSV with a head: ${message}`, { cause })
  }
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)
