/** Compares the deployed template with the next one for resources that hold data. */

export type TemplateOf = {
  readonly Resources?: Readonly<
    Record<string, { readonly Type: string; readonly DeletionPolicy?: string; readonly Properties?: object }>
  >
}

type Replacement = {
  /** Logical id in the template. */
  readonly id: string
  readonly type: string
  readonly why: string
}

/**
 * Types that hold data, with the properties whose change makes CloudFormation create an empty replacement ("Update
 * requires: Replacement"), or a new value. The old resource is retained but no longer used.
 */
export const stateful: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema', 'ImportSourceSpecification'],
  'AWS::S3::Bucket': ['BucketName', 'BucketNamePrefix', 'BucketNamespace', 'ObjectLockEnabled'],
  // An update of these fails instead of replacing.
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  // A changed generator makes a new secret, and accounts would get other pseudonyms.
  'AWS::SecretsManager::Secret': ['Name', 'GenerateSecretString', 'SecretString'],
  'AWS::Cognito::UserPool': ['AliasAttributes', 'UsernameAttributes', 'UsernameConfiguration'],
}

/**
 * Resources with data that would be replaced or leave the stack. Resources that the template lets CloudFormation
 * delete, such as the key of sessions, are ignored.
 * @param letGo logical ids that may go
 */
export const replacements = (
  deployed: TemplateOf,
  next: TemplateOf,
  letGo: readonly string[] = [],
): readonly Replacement[] =>
  Object.entries(deployed.Resources ?? {}).flatMap(([id, { Type: type, DeletionPolicy, Properties: before = {} }]) => {
    const immutable = stateful[type]
    if (!immutable || !DeletionPolicy?.startsWith('Retain') || letGo.includes(id)) return []
    const after = next.Resources?.[id]
    if (!after) return [{ id, type, why: 'it would leave the stack' }]
    if (after.Type !== type) return [{ id, type, why: `it would become ${after.Type}` }]
    const changed = immutable.filter((name) => !isSame(property(before, name), property(after.Properties ?? {}, name)))
    return changed.length > 0 ? [{ id, type, why: `${changed.join(', ')} would change` }] : []
  })

export const replacementLines = (found: readonly Replacement[]): readonly string[] => [
  'refused: these hold data, and empty ones would replace them:',
  ...found.map(({ id, type, why }) => `  ${id} (${type}): ${why}`),
  ...(found.some(({ why }) => why.includes('ObjectLockEnabled'))
    ? [
        '  objectLockDays is chosen for the first deployment: leave it as it was. docs/aws.md#protected-data has the command that locks an existing bucket.',
      ]
    : []),
  '  Take back the change of the settings or of lib/, or give --let-go ID for each that may go: it is retained, and read no more.',
]

const property = (properties: object, name: string): unknown => (properties as Readonly<Record<string, unknown>>)[name]

/** Ignores the order of keys. CloudFormation treats false and a missing value as equal. */
const isSame = (one: unknown, other: unknown): boolean => sorted(one ?? false) === sorted(other ?? false)

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
