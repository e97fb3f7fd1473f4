-- A message can answer another one: the event that sends it names that one in `ref_seq`. An edit can insist on a revision.

-- Only edits are looked for by what they are of; as many replies as there may be are none of its business.
DROP INDEX "log_event_ref_seq";
CREATE INDEX "log_event_edits" ON "log_event" ("channel_id", "ref_seq") WHERE "kind" = 2;

-- As before, and with the message that the message answers.
CREATE OR REPLACE VIEW "log_entry" AS
SELECT
  e."channel_id", e."seq", e."number", e."kind", e."author_id", e."nonce", e."ref_seq",
  date_part('epoch', e."created_at") * 1000 AS "created_ms",
  CASE WHEN e."kind" IN (2, 3) THEN m."body" ELSE e."body" END AS "body",
  m."number" AS "message_number", m."author_id" AS "message_author_id", m."nonce" AS "message_nonce",
  date_part('epoch', m."created_at") * 1000 AS "message_created_ms",
  s."text", s."revision",
  date_part('epoch', s."edited_at") * 1000 AS "edited_ms",
  date_part('epoch', s."deleted_at") * 1000 AS "deleted_ms",
  r."seq" AS "reply_seq", r."number" AS "reply_number"
FROM "log_event" e
LEFT JOIN LATERAL (
  SELECT * FROM "log_event" o
  WHERE e."kind" IN (2, 3) AND o."channel_id" = e."channel_id" AND o."seq" = e."ref_seq"
  LIMIT 1
) m ON true
LEFT JOIN LATERAL (
  SELECT * FROM "message_state" c
  WHERE c."channel_id" = e."channel_id"
    AND c."seq" = CASE e."kind" WHEN 1 THEN e."seq" WHEN 2 THEN e."ref_seq" WHEN 3 THEN e."ref_seq" END
  LIMIT 1
) s ON true
LEFT JOIN LATERAL (
  SELECT o."seq", o."number" FROM "log_event" o
  WHERE o."channel_id" = e."channel_id" AND o."seq" = CASE WHEN e."kind" = 1 THEN e."ref_seq" ELSE m."ref_seq" END
  LIMIT 1
) r ON true;

-- Refuses the round above `p_head` if something in it answers what is no message. The caller holds the lock of the head.
CREATE FUNCTION "check_replies"(p_channel bigint, p_head bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_ref bigint;
BEGIN
  SELECT e.ref_seq INTO v_ref
  FROM log_event e
  LEFT JOIN LATERAL (
    SELECT o.kind FROM log_event o WHERE o.channel_id = p_channel AND o.seq = e.ref_seq AND o.seq < e.seq LIMIT 1
  ) m ON true
  WHERE e.channel_id = p_channel AND e.seq > p_head AND e.kind = 1 AND e.ref_seq IS NOT NULL
    AND m.kind IS DISTINCT FROM 1
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'seq % is not a message of channel %', v_ref, p_channel USING ERRCODE = 'PA001';
  END IF;
END
$$;

DROP FUNCTION "append_events"(bigint, bigint, smallint[], bigint[], bigint[], text[], text[], bigint[]);

-- Commits one round: drafts as one array per column, `p_numbers` counting the messages among them (1, 1, 2 …), each draft with
-- an (author, nonce) of its own. VOLATILE, so that each statement sees what was committed before it began: whoever waited for
-- the head's lock then finds the nonces of whoever held it. (One statement with several parts would still look at its old
-- snapshot.) Waiting for the lock ends with the patience of who asked (`appendTimeoutMs`): what was given up does not stay in
-- the queue, holding a connection.
--
-- With `p_if_revision` the round is one edit, and is refused unless the message has this revision: under the lock of the head,
-- so that it still has it when the round is committed. A nonce that is there already answers all the same.
--
-- When all drafts are new and none names a message, the answer is one row without an event: what the round became follows
-- from the head before it. Otherwise it is one row per draft, in their order; an event up to `head_before` was there before.
CREATE FUNCTION "append_events"(
  p_channel bigint, p_now bigint, p_kinds smallint[], p_numbers bigint[], p_authors bigint[], p_nonces text[],
  p_bodies text[], p_refs bigint[], p_if_revision bigint
) RETURNS TABLE (
  head_before bigint, count_before bigint, committed_ms double precision,
  seq bigint, number bigint, kind smallint, author_id bigint, nonce text, ref_seq bigint,
  created_ms double precision, body text,
  message_number bigint, message_author_id bigint, message_nonce text, message_created_ms double precision,
  text text, revision bigint, edited_ms double precision, deleted_ms double precision,
  reply_seq bigint, reply_number bigint
)
LANGUAGE plpgsql VOLATILE SET lock_timeout = '1s' AS $$
#variable_conflict use_column
DECLARE
  v_size integer := cardinality(p_kinds);
  v_messages bigint := p_numbers[cardinality(p_kinds)];
  v_changes boolean := p_kinds && ARRAY[2, 3]::smallint[];
  v_names boolean := cardinality(array_remove(p_refs, NULL)) > 0;
  v_at timestamptz(3);
  v_inserted integer;
BEGIN
  -- A server that acknowledges before it has written to disk is told otherwise.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;

  LOOP
    UPDATE log_head h
    SET head = h.head + v_size, message_count = h.message_count + v_messages,
      last_created_at = greatest(h.last_created_at, to_timestamp(p_now::double precision / 1000))
    WHERE h.channel_id = p_channel
    RETURNING h.head - v_size, h.message_count - v_messages, h.last_created_at INTO head_before, count_before, v_at;
    EXIT WHEN FOUND;
    INSERT INTO log_head (channel_id, head, message_count, last_created_at)
    VALUES (p_channel, 0, 0, to_timestamp(0)) ON CONFLICT DO NOTHING;
  END LOOP;

  IF p_if_revision IS NOT NULL AND NOT EXISTS (
    SELECT FROM log_event e WHERE e.channel_id = p_channel AND e.author_id = p_authors[1] AND e.nonce = p_nonces[1]
  ) AND EXISTS (
    SELECT FROM log_event m LEFT JOIN message_state s ON s.channel_id = m.channel_id AND s.seq = m.seq
    WHERE m.channel_id = p_channel AND m.seq = p_refs[1] AND m.kind = 1 AND coalesce(s.revision, m.seq) <> p_if_revision
  ) THEN
    RAISE EXCEPTION 'message % of channel % has another revision', p_refs[1], p_channel USING ERRCODE = 'PA002';
  END IF;

  INSERT INTO log_event (channel_id, seq, number, kind, author_id, nonce, created_at, body, ref_seq)
  SELECT p_channel, head_before + d.place, count_before + d.number, d.kind, d.author_id, d.nonce, v_at, d.body, d.ref_seq
  FROM unnest(p_kinds, p_numbers, p_authors, p_nonces, p_bodies, p_refs)
    WITH ORDINALITY AS d (kind, number, author_id, nonce, body, ref_seq, place)
  ON CONFLICT (channel_id, author_id, nonce) DO NOTHING;
  GET DIAGNOSTICS v_inserted = ROW_COUNT;
  committed_ms := date_part('epoch', v_at) * 1000;

  IF v_inserted = v_size AND NOT v_names THEN
    RETURN NEXT;
    RETURN;
  END IF;
  IF v_inserted < v_size THEN
    -- Some are there already, so those behind them got places too far on: once more, with the new ones only.
    DELETE FROM log_event e WHERE v_inserted > 0 AND e.channel_id = p_channel AND e.seq > head_before;
    INSERT INTO log_event (channel_id, seq, number, kind, author_id, nonce, created_at, body, ref_seq)
    SELECT
      p_channel, head_before + row_number() OVER new_ones,
      count_before + count(*) FILTER (WHERE d.kind = 1) OVER new_ones,
      d.kind, d.author_id, d.nonce, v_at, d.body, d.ref_seq
    FROM unnest(p_kinds, p_authors, p_nonces, p_bodies, p_refs)
      WITH ORDINALITY AS d (kind, author_id, nonce, body, ref_seq, place)
    WHERE v_inserted > 0 AND NOT EXISTS (
      SELECT FROM log_event e WHERE e.channel_id = p_channel AND e.author_id = d.author_id AND e.nonce = d.nonce OFFSET 0
    )
    WINDOW new_ones AS (ORDER BY d.place);
    UPDATE log_head h
    SET head = e.seq, message_count = e.number, last_created_at = e.created_at
    FROM log_event e
    WHERE h.channel_id = p_channel AND e.channel_id = p_channel AND e.seq = head_before + v_inserted;
  END IF;
  IF v_names THEN
    PERFORM check_replies(p_channel, head_before);
  END IF;
  IF v_changes THEN
    PERFORM apply_message_changes(p_channel, head_before);
  END IF;

  RETURN QUERY
  SELECT
    head_before, count_before, committed_ms,
    v.seq, v.number, v.kind, v.author_id, v.nonce, v.ref_seq, v.created_ms, v.body,
    v.message_number, v.message_author_id, v.message_nonce, v.message_created_ms,
    v.text, v.revision, v.edited_ms, v.deleted_ms, v.reply_seq, v.reply_number
  FROM unnest(p_authors, p_nonces) WITH ORDINALITY AS d (author_id, nonce, place)
  CROSS JOIN LATERAL (
    SELECT * FROM log_entry l
    WHERE l.channel_id = p_channel AND l.author_id = d.author_id AND l.nonce = d.nonce
    LIMIT 1
  ) v
  ORDER BY d.place;
END
$$;
