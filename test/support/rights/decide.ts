/**
 * Whether AWS would allow a request within one account, by the policies in force: AWS, "Policy evaluation logic". What
 * is not known here (an operator, a variable, NotAction) is an error, never a guess.
 */

export type Statement = {
  /** Where it stands, to be told. */
  readonly id: string
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
  /** Empty in the policies of resources which name none. */
  readonly resources: readonly string[]
  /** Of a resource's policy: ARNs, services, `*`. */
  readonly principals?: readonly string[]
  readonly conditions: readonly Condition[]
}

export type Condition = { readonly operator: string; readonly key: string; readonly values: readonly string[] }

/** Keys and values of the request, as the service says them; a key that the service does not say is missing. */
export type Context = Readonly<Record<string, string | readonly string[]>>

type Request = {
  /** The ARN of the role or user, or the name of a service such as `events.amazonaws.com`. */
  readonly principal: string
  readonly action: string
  readonly resource: string
  readonly context: Context
}

type Policies = {
  /** What the caller's own policies say; a service has none. */
  readonly identity: readonly Statement[]
  /** What the policy of the resource says; undefined where it has none. */
  readonly resource: readonly Statement[] | undefined
}

export type Decision = { readonly allowed: boolean; readonly why: string }

/** @param account the account's id, in which caller and resource are */
export const decide = (request: Request, { identity, resource }: Policies, account: string): Decision => {
  const root = `arn:aws:iam::${account}:root`
  const applying = (statements: readonly Statement[]) => statements.filter((one) => applies(one, request))
  const own = applying(identity)
  const of = applying(resource ?? []).filter(({ principals = [] }) =>
    principals.some((one) => one === '*' || one === request.principal || one === root),
  )
  const denial = [...own, ...of].find(({ effect }) => effect === 'Deny')
  if (denial) return { allowed: false, why: `denied by ${denial.id}` }
  const granted = own.find(({ effect }) => effect === 'Allow')
  const direct = of.find((one) => one.effect === 'Allow' && !(one.principals ?? []).includes(root))
  const isKey = request.resource.startsWith('arn:aws:kms:')
  if (isKey) {
    // A key's policy rules alone: the caller's own counts where it hands the account the right to say.
    const handsOver = of.some((one) => one.effect === 'Allow' && (one.principals ?? []).includes(root))
    if (direct) return { allowed: true, why: direct.id }
    if (granted && handsOver) return { allowed: true, why: granted.id }
    return { allowed: false, why: granted ? 'the key’s policy does not let the account say' : nothing }
  }
  const allowing = granted ?? direct
  return allowing ? { allowed: true, why: allowing.id } : { allowed: false, why: nothing }
}

const nothing = 'nothing allows it'

const applies = ({ actions, resources, conditions }: Statement, request: Request): boolean =>
  actions.some((pattern) => isLike(request.action.toLowerCase(), pattern.toLowerCase())) &&
  (resources.length === 0 || resources.some((pattern) => isLike(request.resource, pattern))) &&
  conditions.every((condition) => holds(condition, request.context))

const holds = ({ operator, key, values }: Condition, context: Context): boolean => {
  const name = Object.keys(context).find((one) => one.toLowerCase() === key.toLowerCase())
  const said = name === undefined ? undefined : context[name]
  const given = said === undefined ? [] : typeof said === 'string' ? [said] : said
  // "no keys in the request, or if the key values resolve to a null data set, such as an empty string": AWS,
  // "Creating a condition with multiple keys or values".
  const notNull = given.filter((value) => value !== '')
  if (operator === 'Null') return values.includes(String(notNull.length === 0))
  const [quantifier, plain] = operator.includes(':') ? operator.split(':') : [undefined, operator]
  const isIfExists = plain?.endsWith('IfExists')
  const compare = comparisons[(isIfExists ? plain?.slice(0, -'IfExists'.length) : plain) ?? '']
  if (!compare) throw new Error(`the condition operator ${operator} is not known here`)
  const { isNegated, matches } = compare
  const fits = (value: string) => values.some((wanted) => matches(value, wanted)) !== isNegated
  if (quantifier === 'ForAllValues') return notNull.every(fits)
  if (quantifier === 'ForAnyValue') return given.some(fits)
  if (quantifier !== undefined) throw new Error(`the condition operator ${operator} is not known here`)
  if (given.length === 0) return isIfExists || isNegated
  return given.some(fits)
}

type Comparison = { readonly isNegated: boolean; matches(value: string, wanted: string): boolean }

const equal = (value: string, wanted: string) => value === wanted

const comparisons: Readonly<Record<string, Comparison>> = {
  StringEquals: { isNegated: false, matches: equal },
  StringNotEquals: { isNegated: true, matches: equal },
  StringLike: { isNegated: false, matches: (value, wanted) => isLike(value, wanted) },
  StringNotLike: { isNegated: true, matches: (value, wanted) => isLike(value, wanted) },
  ArnLike: { isNegated: false, matches: (value, wanted) => isArnLike(value, wanted) },
  ArnEquals: { isNegated: false, matches: (value, wanted) => isArnLike(value, wanted) },
  Bool: { isNegated: false, matches: (value, wanted) => value.toLowerCase() === wanted.toLowerCase() },
}

/** Patterns are few, and asked thousands of times. */
const compiled = new Map<string, RegExp>()

const isLike = (value: string, pattern: string): boolean => {
  const known = compiled.get(pattern) ?? compile(pattern)
  compiled.set(pattern, known)
  return known.test(value)
}

const compile = (pattern: string): RegExp => {
  if (pattern.includes('${')) throw new Error(`the policy variable in ${pattern} is not known here`)
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]')
  return new RegExp(`^${source}$`)
}

/** Each of the six parts of an ARN by itself: a star does not reach over a colon, but for the last part. */
const isArnLike = (value: string, pattern: string): boolean => {
  const [values, patterns] = [partsOf(value), partsOf(pattern)]
  return patterns.every((part, at) => isLike(values[at] ?? '', part)) && values.length === patterns.length
}

const partsOf = (arn: string): readonly string[] => {
  const parts = arn.split(':')
  return [...parts.slice(0, 5), parts.slice(5).join(':')]
}
