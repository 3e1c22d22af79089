/**
 * What MISP asks of an event, independent of the writer: its core format (misp-rfc), PyMISP's schema and categories of
 * types, and the object templates that a report uses (misp-objects, June 2026), restated.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'

const text = { type: 'string', minLength: 1 }
const uuid = { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' }
const stamp = { type: 'string', pattern: '^\\d+$' }
const seen = { type: 'string', format: 'date-time' }
const distribution = { enum: ['0', '1', '2', '3', '5'] }
const listOf = (items: object) => ({ type: 'array', items, uniqueItems: true })

const shape = (properties: Readonly<Record<string, object>>, ...optional: readonly string[]) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})

const tags = listOf(shape({ name: text }))
const common = { uuid, distribution, timestamp: stamp, deleted: { const: false } }

const attribute = shape(
  {
    ...common,
    type: text,
    category: text,
    value: { ...text, pattern: '^\\S(?:[^]*\\S)?$' },
    to_ids: { type: 'boolean' },
    disable_correlation: { type: 'boolean' },
    comment: text,
    object_relation: text,
    Tag: tags,
  },
  ...['comment', 'object_relation', 'Tag'],
)

const object = shape(
  {
    ...common,
    name: text,
    'meta-category': text,
    description: text,
    template_uuid: uuid,
    template_version: stamp,
    comment: text,
    first_seen: seen,
    last_seen: seen,
    Attribute: { ...listOf(attribute), minItems: 1 },
  },
  ...['first_seen', 'last_seen'],
)

const cluster = shape({
  ...{ uuid, type: text, value: text, tag_name: text, description: text, source: text, authors: listOf(text) },
  meta: shape({ external_id: listOf(text) }),
})

const event = shape({
  Event: shape({
    ...{
      uuid,
      info: text,
      date: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d$' },
      timestamp: stamp,
      distribution,
    },
    ...{
      threat_level_id: { enum: ['1', '2', '3', '4'] },
      analysis: { enum: ['0', '1', '2'] },
      published: { const: false },
    },
    Orgc: shape({ name: text, uuid }),
    Tag: tags,
    Galaxy: listOf(
      shape({
        ...{ uuid, name: text, type: text, description: text, version: stamp, namespace: text },
        GalaxyCluster: listOf(cluster),
      }),
    ),
    Attribute: listOf(attribute),
    Object: listOf(object),
    EventReport: listOf(shape({ ...common, name: { ...text, maxLength: 256, pattern: '^.+$' }, content: text })),
  }),
})

/** Categories that each type may have. */
const categories: Readonly<Record<string, readonly string[]>> = {
  text: ['Internal reference', 'Other', 'External analysis', 'Social network'],
  link: ['Internal reference', 'External analysis', 'Payload delivery'],
  url: ['Network activity', 'External analysis', 'Payload delivery'],
  domain: ['Network activity', 'External analysis', 'Payload delivery'],
  'ip-dst': ['Network activity', 'External analysis', 'Payload delivery'],
  email: ['Network activity', 'Payload delivery', 'Social network'],
  md5: ['Payload delivery', 'External analysis'],
  sha1: ['Payload delivery', 'External analysis'],
  sha256: ['Payload delivery', 'External analysis'],
  sha512: ['Payload delivery', 'External analysis'],
  'target-location': ['Targeting data'],
}

/** Of each template: uuid, the relations of which one is required, and the type of each used relation (`+`: several). */
const templates: Readonly<Record<string, readonly [string, readonly string[], Readonly<Record<string, string>>]>> = {
  report: [
    '70a68471-df22-4e3f-aa1a-5a3be19f82df',
    ['title', 'summary', 'link'],
    { title: 'text+', summary: 'text+', link: 'link+', 'case-number': 'text', type: 'text' },
  ],
  narrative: ['83bea299-514a-4719-a84b-f6fd0997fac1', ['narrative-summary'], { 'narrative-summary': 'text' }],
  microblog: ['8ec8c911-ddbe-4f5b-895b-fbff70c42a60', ['post'], { post: 'text', language: 'text+' }],
  'user-account': ['49606b06-22f0-4ac8-8eee-2f12ad46f3d3', ['username'], { username: 'text' }],
}

const check = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(event)

type Attribute = { readonly [field in 'uuid' | 'type' | 'category' | 'value']: string } & {
  readonly object_relation?: string
}
type Object = { readonly uuid: string; readonly name: string; readonly template_uuid: string } & {
  readonly Attribute: readonly Attribute[]
}

/** Nothing where MISP accepts all. */
export const mispFaults = (value: unknown): readonly string[] => {
  if (!check(value)) return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  const { Event: made } = value as {
    Event: { uuid: string; Attribute: readonly Attribute[]; Object: readonly Object[] }
  }
  const all = [...made.Attribute, ...made.Object.flatMap((one) => one.Attribute)]
  const uuids = [made, ...all, ...made.Object].map((one) => one.uuid)
  // MISP refuses the same value twice outside objects.
  const values = made.Attribute.map(({ type, category, value: one }) => `${type} ${category} ${one}`)
  return [
    ...(new Set(uuids).size < uuids.length ? ['a uuid stands twice'] : []),
    ...(new Set(values).size < values.length ? ['a value stands twice'] : []),
    ...all.flatMap(({ type, category, value: one }) => [
      ...(categories[type]?.includes(category) ? [] : [`${type} may not be in ${category}`]),
      ...(Buffer.byteLength(one) > 65_535 ? [`${type} is too long`] : []),
    ]),
    ...made.Object.flatMap(({ name, template_uuid: id, Attribute: inside }) => {
      const [known, oneOf = [], types = {}] = templates[name] ?? []
      const relations = inside.map((one) => one.object_relation ?? '')
      return [
        ...(known === id ? [] : [`${name} is another template`]),
        ...(relations.some((one) => oneOf.includes(one)) ? [] : [`${name} lacks one of ${oneOf.join()}`]),
        ...inside.flatMap(({ object_relation: relation = '', type }) =>
          types[relation]?.replace('+', '') === type ? [] : [`${name} has no ${relation} of ${type}`],
        ),
        ...relations.flatMap((one, at) =>
          relations.indexOf(one) === at || types[one]?.endsWith('+') ? [] : [`${name} has ${one} twice`],
        ),
      ]
    }),
  ]
}
