-- The co-sharing rule of vigie detect (docs/data.md) as one self-join, for Athena over Parquet and for DuckDB.
-- shares: account, object, shared_at (seconds). A share that more than 50 other accounts, or 1,000 shares, surround within the window drops out.
WITH near AS (
  SELECT row_number() OVER () AS share, account, object, shared_at,
         count(*) OVER (PARTITION BY object ORDER BY shared_at
           RANGE BETWEEN getvariable('seconds') PRECEDING AND getvariable('seconds') FOLLOWING) AS around
  FROM shares
), crowded AS (
  SELECT one.share
  FROM near AS one JOIN near AS other
    ON one.object = other.object AND abs(one.shared_at - other.shared_at) <= getvariable('seconds')
  WHERE one.around > 51
  GROUP BY one.share, one.account
  HAVING count(DISTINCT CASE WHEN other.account <> one.account THEN other.account END) > 50 OR count(*) > 1000
), kept AS (
  SELECT * FROM near WHERE share NOT IN (SELECT share FROM crowded)
)
SELECT one.account AS source, other.account AS target, count(*) AS pairs, count(DISTINCT one.object) AS weight
FROM kept AS one JOIN kept AS other
  ON one.object = other.object AND one.account < other.account AND abs(one.shared_at - other.shared_at) <= getvariable('seconds')
GROUP BY one.account, other.account
