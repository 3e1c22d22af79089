import * as z from 'zod'
import { anyOf, asFault, type Fault, fault, faultAt, ofMessage, several } from './fault.ts'
import { maximum } from './lists.ts'
import { nearestOf } from './text/nearest.ts'

/** Has the first invalid path. */
export type Refusal = Fault & { readonly path: string }

/** @param fields valid names, to suggest for a misspelt one */
export const refusalOf = (error: z.ZodError, fields: readonly string[] = []): Refusal => {
  const issues = error.issues.map((issue) => unfold(issue, fields))
  const path = issues[0]?.path ?? ''
  const inOnePlace = issues.every((issue) => issue.path === path)
  const faults = new Map(issues.map((issue) => [JSON.stringify(issue), issue]))
  const shown = [...faults.values()].map((issue) => {
    const { path: _, ...reason } = issue
    return inOnePlace ? reason : issue
  })
  return { ...several(shown), path }
}

/** Uses a union's nearest branch: its own issue has no details. */
export const unfold = (issue: z.core.$ZodIssue, fields: readonly string[] = []): Refusal => {
  const own = ofMessage(issue.message)
  if (own) return faultAt(join(issue.path, ''), own)
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.filter((branch) => branch.length > 0)
    const nearest = branches.sort((a, b) => depth(b) - depth(a))[0]?.[0]
    if (nearest && depth([nearest]) > 0) {
      const inner = unfold(nearest)
      return faultAt(join(issue.path, inner.path), inner)
    }
    // An invalid discriminator has no branches.
    if (branches.length === 0) return faultAt(join(issue.path, ''), fault('schema.form'))
    const wanted = branches.flatMap(([first]) => (first ? [plain(first)] : []))
    const once = [...new Map(wanted.map((one) => [JSON.stringify(one), one])).values()]
    return faultAt(
      join(issue.path, ''),
      once.reduceRight((other, first) => fault('schema.either', { first, other })),
    )
  }
  return faultAt(join(issue.path, ''), plain(issue, issue.path.length === 0 ? fields : []))
}

/** 0 where the branch failed on the value's own type. A wrong value is deeper than a key of another branch. */
const depth = (branch: readonly z.core.$ZodIssue[]): number =>
  maximum(
    branch.map(({ code, path }) => {
      const isOther = code === 'invalid_key' || (code === 'invalid_type' && path.length === 0)
      return path.length + (isOther ? 0 : 1)
    }),
  )

const plain = (issue: z.core.$ZodIssue, fields: readonly string[] = []): Fault => {
  const own = ofMessage(issue.message)
  if (own) return own
  switch (issue.code) {
    case 'invalid_type':
      // zod marks a missing value only in its text.
      return issue.message.endsWith('received undefined')
        ? fault('schema.missing')
        : fault('schema.type', { type: issue.expected === 'record' ? 'object' : issue.expected })
    case 'unrecognized_keys':
      return unknownFields(issue.keys, fields)
    case 'invalid_key':
      return issue.issues[0] ? plain(issue.issues[0]) : fault('schema.form')
    case 'invalid_value':
      return fault('schema.oneOf', { options: issue.values.map(String).join(', ') })
    case 'too_big':
    case 'too_small':
      return outOfBounds(issue)
    case 'invalid_format':
      return fault('schema.format', { format: issue.format, pattern: issue.pattern ?? '' })
    case 'custom':
      return asFault(issue.message)
    default:
      return fault('schema.form')
  }
}

const outOfBounds = (issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): Fault => {
  const isMost = issue.code === 'too_big'
  const bound = Number(isMost ? issue.maximum : issue.minimum)
  const unit = issue.origin === 'string' || issue.origin === 'array' ? issue.origin : 'number'
  return fault(isMost ? 'schema.most' : 'schema.least', { bound, unit, inclusive: String(issue.inclusive ?? true) })
}

const unknownFields = (keys: readonly string[], fields: readonly string[]): Fault => {
  const shown = keys.slice(0, 8)
  const meant = [...new Set(keys.flatMap((key) => nearestOf(key, fields)))]
  const values = { count: keys.length, names: shown.join(', '), rest: keys.length - shown.length }
  return meant.length === 0
    ? fault('schema.unknownFields', values)
    : fault('schema.unknownFieldsMeant', { ...values, meant: anyOf(meant) })
}

const join = (path: readonly PropertyKey[], rest: string): string => {
  let joined = ''
  for (const part of path) joined += typeof part === 'number' ? `[${part}]` : `${joined ? '.' : ''}${String(part)}`
  if (!rest) return joined
  return rest.startsWith('[') || !joined ? joined + rest : `${joined}.${rest}`
}

export const faultSchema = z.custom<Fault>((value) => typeof value === 'object' && value !== null && 'code' in value)
