-- The totals of periods, from an export of the table to S3 in DynamoDB JSON: for each territory and period how many detections
-- and manoeuvres count, their posts, and the distinct accounts. docs/internals/scale.md describes its coverage; `is_plain` is false where
-- it does not.
--
-- Variables: export   where the files of the export are, such as '…/AWSDynamoDB/01234-abcd/data/*.json.gz'
--            periods  a JSON file with an object a line: territory, period, starts and ends (instants of its first moment and of
--                     the one after its last, UTC, as 2024-05-12T13:00:00.000Z) and last (its last day, local)
--            as_of    an instant: what was stored later is not there
--            cap      a marking

CREATE OR REPLACE TEMP TABLE items AS
SELECT
  Item ->> '$.pk.S' AS pk,
  Item ->> '$.sk.S' AS sk,
  Item
FROM read_json(getvariable('export'), format = 'newline_delimited', columns = {Item: 'JSON'}, maximum_object_size = 67108864);

CREATE OR REPLACE TEMP TABLE periods AS
SELECT * FROM read_json(getvariable('periods'), format = 'newline_delimited',
  columns = {territory: 'VARCHAR', period: 'VARCHAR', starts: 'VARCHAR', ends: 'VARCHAR', last: 'VARCHAR'});

-- Each detection once in each place: its highest revision as of the instant, where that still stands there. A sort key is
-- <first instant>#<id>, U+0001, and the revision in 16 digits.
CREATE OR REPLACE TEMP TABLE standing AS
WITH newest AS (
  SELECT
    split_part(pk, '#', 2) AS territory,
    left(sk, instr(sk, '#') - 1) AS first,
    Item ->> '$.id.S' AS id,
    Item ->> '$.status.S' AS status,
    Item ->> '$.body.M.json.S' AS json,
    right(sk, 16) || coalesce('.' || (Item ->> '$.body.M.of.S'), '') AS parts
  FROM items
  WHERE pk LIKE 'DET#%' AND (Item ->> '$.storedAt.S') <= getvariable('as_of')
  QUALIFY row_number() OVER (PARTITION BY pk, left(sk, length(sk) - 17) ORDER BY sk DESC) = 1
),
-- Of detections that one item cannot hold.
joined AS (
  SELECT substr(pk, 6) AS id, left(sk, length(sk) - 5) AS parts, string_agg(Item ->> '$.text.S', '' ORDER BY sk) AS json
  FROM items
  WHERE pk LIKE 'BODY#%'
  GROUP BY ALL
)
SELECT newest.territory, newest.first, newest.id, CAST(coalesce(newest.json, joined.json) AS JSON) AS body
FROM newest LEFT JOIN joined ON newest.json IS NULL AND joined.id = newest.id AND joined.parts = newest.parts
WHERE newest.status = 'active';

-- What counts, with its own figures. A figure is the one that is stated, or its split by day or by platform where that is more.
CREATE OR REPLACE TEMP TABLE counted AS
WITH shown AS (
  SELECT
    territory, period, id, body,
    body ->> '$.partOf' AS part_of,
    body ->> '$.detector.name' AS detector,
    CAST(body -> '$.counts.posts.value' AS BIGINT) AS stated,
    body ->> '$.counts.posts.qualifier' AS qualifier,
    CAST(body -> '$.counts.byDay[*].posts.value' AS BIGINT[]) AS days,
    CAST(body -> '$.counts.byPlatform[*].posts.value' AS BIGINT[]) AS platforms
  FROM standing JOIN periods USING (territory)
  WHERE first >= starts AND first < ends
    AND ((body ->> '$.observed.precision') <> 'month'
      OR last_day(CAST((body ->> '$.observed.from') || '-01' AS DATE)) <= CAST(last AS DATE))
    AND list_position(['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'], body ->> '$.marking')
      <= list_position(['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'], getvariable('cap'))
)
SELECT
  territory, period, id, part_of, detector, body,
  CASE WHEN stated IS NULL AND len(days) = 0 AND len(platforms) = 0 THEN NULL
    ELSE greatest(coalesce(stated, 0), coalesce(list_sum(days), 0), coalesce(list_sum(platforms), 0)) END AS posts,
  CASE WHEN stated >= greatest(coalesce(list_sum(days), 0), coalesce(list_sum(platforms), 0)) THEN qualifier
    ELSE 'at least' END AS posts_qualifier,
  stated IS NOT NULL OR len(days) > 0 OR len(platforms) > 0
    OR (body ->> '$.kind') NOT IN ('offline-event', 'infrastructure') AS is_due
FROM shown;

-- Wholes and parts, three levels deep. A node is due, known or not, and exact, about or at least.
CREATE OR REPLACE TEMP TABLE placed AS
SELECT
  one.*,
  one.part_of IS NOT NULL AND whole.id IS NULL AS is_open,
  CASE WHEN whole.id IS NULL THEN 0 WHEN whole.part_of IS NULL THEN 1 ELSE 2 END AS depth,
  -- The whole of its whole's whole: deeper than this query looks, or a circle.
  above.part_of IS NOT NULL AS is_deep
FROM counted AS one
LEFT JOIN counted AS whole ON (whole.territory, whole.period, whole.id) = (one.territory, one.period, one.part_of)
LEFT JOIN counted AS above ON (above.territory, above.period, above.id) = (whole.territory, whole.period, whole.part_of);

-- Adds up nodes below one whole, or all of a period: due is how many should say a figure, known how many do.
CREATE OR REPLACE TEMP MACRO qualifier_of(due, known, floors, estimates) AS
  CASE WHEN due > known OR floors > 0 THEN 'at least' WHEN estimates > 0 THEN 'about' ELSE 'exact' END;

CREATE OR REPLACE TEMP TABLE second AS
WITH below AS (
  SELECT territory, period, part_of AS id, bool_or(is_due) AS is_due, sum(posts) FILTER (is_due) AS posts
  FROM placed WHERE depth = 2 GROUP BY ALL
)
SELECT
  one.territory, one.period, one.part_of,
  one.is_due OR coalesce(below.is_due, false) AS is_due,
  CASE WHEN below.is_due THEN greatest(one.posts, below.posts) ELSE one.posts END AS posts
FROM placed AS one LEFT JOIN below USING (territory, period, id)
WHERE one.depth = 1;

CREATE OR REPLACE TEMP TABLE manoeuvres AS
WITH below AS (
  SELECT territory, period, part_of AS id, bool_or(is_due) AS is_due, sum(posts) FILTER (is_due) AS posts
  FROM second GROUP BY ALL
)
SELECT
  one.territory, one.period, one.id,
  one.is_due OR coalesce(below.is_due, false) AS is_due,
  CASE WHEN below.is_due THEN greatest(one.posts, below.posts) ELSE one.posts END AS posts,
  CASE WHEN below.id IS NULL OR NOT (one.is_due OR below.is_due) THEN one.posts_qualifier ELSE 'at least' END AS posts_qualifier
FROM placed AS one LEFT JOIN below USING (territory, period, id)
WHERE one.depth = 0;

-- Where two detectors may have seen the same posts: a text, the address of a post, or a campaign of both.
CREATE OR REPLACE TEMP TABLE shared AS
WITH keys AS (
  SELECT territory, period, detector, unnest(list_concat(
    list_transform(CAST(body -> '$.fingerprints' AS JSON[]), one -> lower('text ' || (one ->> '$.algorithm') || ' ' || (one ->> '$.value'))),
    list_transform(list_filter(CAST(body -> '$.indicators' AS JSON[]), one -> (one ->> '$.type') = 'url'), one -> lower('post ' || (one ->> '$.value'))),
    CASE WHEN (body ->> '$.campaign') IS NULL THEN [] ELSE [lower('campaign ' || (body ->> '$.campaign'))] END
  )) AS key
  FROM counted
)
SELECT territory, period FROM keys GROUP BY territory, period, key HAVING count(DISTINCT detector) > 1;

-- Distinct accounts: all that are named, or the largest number that one detection states. That none is coordinated tells nothing of them.
CREATE OR REPLACE TEMP TABLE accounts AS
WITH named AS (
  SELECT territory, period, count(DISTINCT ref) AS refs FROM (
    SELECT territory, period, unnest(list_concat(
      CAST(body -> '$.accountRefs' AS VARCHAR[]), CAST(body -> '$.coordinatedAccountRefs' AS VARCHAR[]))) AS ref
    FROM counted
  ) GROUP BY ALL
),
stated AS (
  SELECT territory, period, max(number) AS number FROM (
    SELECT territory, period, unnest(list_concat(
      CAST(body -> '$.counts..accounts.value' AS BIGINT[]),
      list_filter(CAST(body -> '$.counts..coordinatedAccounts.value' AS BIGINT[]), coordinated -> coordinated > 0))) AS number
    FROM counted
  ) GROUP BY ALL
)
SELECT territory, period, greatest(nullif(refs, 0), number) AS accounts
FROM named FULL JOIN stated USING (territory, period);

WITH totals AS (
  SELECT
    territory, period,
    count(*) AS manoeuvres,
    sum(posts) FILTER (is_due) AS posts,
    count(*) FILTER (is_due) AS due,
    count(posts) FILTER (is_due) AS known,
    count(*) FILTER (is_due AND posts IS NOT NULL AND posts_qualifier = 'at least') AS floors,
    count(*) FILTER (is_due AND posts IS NOT NULL AND posts_qualifier = 'about') AS estimates
  FROM manoeuvres GROUP BY ALL
),
detections AS (
  SELECT territory, period, count(*) AS detections, bool_or(is_open OR is_deep) AS has_chains FROM placed GROUP BY ALL
)
SELECT
  territory, period,
  CAST(detections AS DOUBLE) AS detections,
  CAST(coalesce(manoeuvres, 0) AS DOUBLE) AS manoeuvres,
  CAST(posts AS DOUBLE) AS posts,
  CASE WHEN posts IS NULL THEN 'not given' ELSE qualifier_of(due, known, floors, estimates) END AS posts_qualifier,
  CAST(accounts AS DOUBLE) AS accounts,
  NOT has_chains AND (territory, period) NOT IN (SELECT (territory, period) FROM shared) AS is_plain
FROM detections LEFT JOIN totals USING (territory, period) LEFT JOIN accounts USING (territory, period)
ORDER BY territory, period;
