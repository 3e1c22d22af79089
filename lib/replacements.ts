/**
 * What a deployment would do to resources that hold data: from the template that is deployed and the one that would be.
 * Pure.
 */

export type TemplateOf = {
  readonly Resources?: Readonly<
    Record<string, { readonly Type: string; readonly DeletionPolicy?: string; readonly Properties?: object }>
  >
}

type Replacement = {
  /** In the template. */
  readonly id: string
  readonly type: string
  readonly why: string
}

/**
 * Types that hold data, each with the properties whose change makes CloudFormation put a new, empty one in its place
 * ("Update requires: Replacement" in its reference), or a new value into it. The old one is retained, and nothing reads
 * it any more.
 */
export const stateful: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema', 'ImportSourceSpecification'],
  'AWS::S3::Bucket': ['BucketName', 'BucketNamePrefix', 'BucketNamespace', 'ObjectLockEnabled'],
  // An update of these fails rather than replaces.
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  // What generates a secret is generated anew when it is said otherwise: accounts would get other pseudonyms.
  'AWS::SecretsManager::Secret': ['Name', 'GenerateSecretString', 'SecretString'],
  'AWS::Cognito::UserPool': ['AliasAttributes', 'UsernameAttributes', 'UsernameConfiguration'],
}

/**
 * Every resource with data that would be replaced, or would leave the stack; none where the deployment keeps them all.
 * What its template lets CloudFormation delete holds nothing that matters, as the key of sessions.
 * @param letGo those that may go, by their id in the template
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

/** For the person who deploys, a line each; what mends it where it is known. */
export const replacementLines = (found: readonly Replacement[]): readonly string[] => [
  'refused: these hold data, and an empty one would stand in their place:',
  ...found.map(({ id, type, why }) => `  ${id} (${type}): ${why}`),
  ...(found.some(({ why }) => why.includes('ObjectLockEnabled'))
    ? [
        '  objectLockDays is chosen for the first deployment: leave it as it was. docs/aws.md#protected-data has the command that locks an existing bucket.',
      ]
    : []),
  '  Take back the change of the settings or of lib/, or say --let-go ID for each that may go: it is retained, and read no more.',
]

const property = (properties: object, name: string): unknown => (properties as Readonly<Record<string, unknown>>)[name]

/** Whatever the order of keys; false and nothing said are the same to CloudFormation. */
const isSame = (one: unknown, other: unknown): boolean => sorted(one ?? false) === sorted(other ?? false)

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
