/**
 * A template with one grant less: each action, each pattern of a condition, each resource of each statement that allows
 * something.
 */
import type { Resources } from './policies.ts'

type Mutant = {
  /**
   * What is taken away, in words that are the same for a stack of other settings, whose statements stand in another
   * order.
   */
  readonly without: string
  readonly resources: Resources
}

// oxlint-disable-next-line typescript/no-explicit-any -- a template is whatever the CDK has written
type Any = any

const documents = {
  'AWS::IAM::Policy': 'PolicyDocument',
  'AWS::IAM::ManagedPolicy': 'PolicyDocument',
  'AWS::SQS::QueuePolicy': 'PolicyDocument',
  'AWS::SNS::TopicPolicy': 'PolicyDocument',
  'AWS::KMS::Key': 'KeyPolicy',
  'AWS::EC2::VPCEndpoint': 'PolicyDocument',
} as const

export const mutantsOf = (resources: Resources): readonly Mutant[] =>
  Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    const name = documents[Type as keyof typeof documents]
    if (!name) return []
    const statements = (Properties[name]?.Statement ?? []) as readonly Any[]
    return statements.flatMap((statement, at) =>
      lessened(statement).map(({ less, statement: left }): Mutant => {
        const Statement = left === undefined ? statements.toSpliced(at, 1) : statements.with(at, left)
        const changed = { Type, Properties: { ...Properties, [name]: { ...Properties[name], Statement } } }
        return {
          without: `${id}, ${placeOf(statement, statements.slice(0, at))}: ${less}`,
          resources: { ...resources, [id]: changed },
        }
      }),
    )
  })

const placeOf = (statement: Any, before: readonly Any[]): string => {
  const actionsOf = ({ Action }: Any) => [Action].flat().join(' ')
  const alike = before.filter((one) => actionsOf(one) === actionsOf(statement)).length
  return statement.Sid ?? `${actionsOf(statement)}${alike > 0 ? ` (${alike + 1})` : ''}`
}

/** It hands the account the right to say, and lets nobody do anything: a key without it could be changed by nobody. */
const isOfAccount = ({ Principal }: Any): boolean => /:iam::.*":root"/.test(JSON.stringify(Principal?.AWS ?? ''))

/** The statement with one thing less of each kind; undefined in place of one that has nothing left. */
const lessened = (statement: Any): readonly { readonly less: string; readonly statement: Any }[] => {
  if (statement.Effect !== 'Allow' || isOfAccount(statement)) return []
  const without = (key: 'Action' | 'Resource') => {
    const all = [statement[key] ?? []].flat()
    return all.map((one, at) => ({
      less: typeof one === 'string' ? one : JSON.stringify(one),
      statement: all.length === 1 ? undefined : { ...statement, [key]: all.toSpliced(at, 1) },
    }))
  }
  const patterns = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys as object)
      .filter(([key]) => operator !== 'Null' && key === 'dynamodb:LeadingKeys')
      .flatMap(([key, values]) => {
        const all = [values].flat() as readonly string[]
        return all.map((one, at) => ({
          less: one,
          statement:
            all.length === 1
              ? undefined
              : {
                  ...statement,
                  Condition: {
                    ...statement.Condition,
                    [operator]: { ...(keys as object), [key]: all.toSpliced(at, 1) },
                  },
                },
        }))
      }),
  )
  // One action with one resource is one grant.
  const actions = without('Action')
  const resources = without('Resource')
  return [...actions, ...(resources.length > 1 ? resources : []), ...patterns]
}
