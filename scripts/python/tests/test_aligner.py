"""The module against the program."""

import os
import pickle
import signal
import threading

import pytest
from mtalign import Aligner, Alignment, Crash, DocumentError, Failure, MtalignError

ZH, EN = "猫睡了。门上贴着一张纸条。", "The cat slept."


@pytest.fixture(scope="module")
def aligner():
    with Aligner(cache=False) as aligner:
        yield aligner


def numbered(count):
    return [{"id": f"d{number}", "zh": f"我有{number}本书。", "en": f"I have {number} books."} for number in range(count)]


def test_pairs_have_their_texts_and_the_document_its_shares(aligner):
    found = aligner.align(ZH, EN, id="cats")
    assert found.id == "cats" and len(found) == 1
    (pair,) = found
    assert (pair.zh, pair.en, pair.kind, pair.zh_ids, pair.en_ids) == ("猫睡了。", EN, "1:1", [0], [0])
    assert 0.5 < pair.confidence <= 1 and pair.origin == "human"
    assert (found.coverage.zh.sentences.covered, found.coverage.zh.sentences.total) == (1, 2)
    assert found.coverage.en.characters.ratio == 1.0
    assert aligner.align_text(f"{ZH}\n\n{EN}").pairs[0].zh == "猫睡了。"


def test_documents_come_in_their_order_in_every_form(aligner):
    documents = [*numbered(20), ("下雨了。", "It is raining."), {"text": "天黑了。\n\nNight fell."}]
    found = list(aligner.align_documents(documents))
    assert [it.id for it in found] == [*(f"d{number}" for number in range(20)), "20", "21"]
    assert found[3].pairs[0].en == "I have 3 books."


def test_a_document_that_cannot_be_done_is_an_error_or_stands_in_its_place(aligner):
    documents = [*numbered(2), {"id": "bad", "zh": "none", "en": "None."}, {"id": "worse"}, *numbered(1)]
    found = list(aligner.align_documents(documents, on_error="yield"))
    assert [type(it) for it in found] == [Alignment, Alignment, Failure, Failure, Alignment]
    assert found[2].id == "bad" and "found no Chinese" in found[2].error
    with pytest.raises(DocumentError, match="found no Chinese") as raised:
        list(aligner.align_documents(documents))
    assert raised.value.id == "bad"
    assert aligner.align(*("狗叫了。", "The dog barked.")).pairs
    with pytest.raises(DocumentError):
        aligner.align("", "")


def test_documents_are_asked_for_as_alignments_are_taken(aligner):
    asked = 0

    def endless():
        nonlocal asked
        while True:
            asked += 1
            yield ("下雨了。", "It is raining.")

    for number, _ in zip(range(10), aligner.align_documents(endless())):
        assert asked <= number + 6
    # What was left half taken does not disturb what comes next.
    assert aligner.align("狗叫了。", "The dog barked.").pairs[0].en == "The dog barked."


def test_one_process_stays_and_begins_anew_after_the_end(aligner):
    def pid():
        aligner.align(ZH, EN)
        return aligner._align._running.pid

    first = pid()
    assert pid() == first
    aligner.close()
    second = pid()
    assert second != first
    os.kill(second, signal.SIGKILL)
    aligner._align._running._process.wait()
    assert pid() != second


def test_a_crash_names_the_document_and_the_next_call_begins_anew(aligner):
    def deadly():
        for number, document in enumerate(numbered(9)):
            if number == 6:
                os.kill(aligner._align._running.pid, signal.SIGKILL)
                aligner._align._running._process.wait()
            yield document

    taken = []
    with pytest.raises(Crash, match="by signal 9 over `d") as raised:
        for found in aligner.align_documents(deadly()):
            taken.append(found.id)
    # Those before it were taken, or had come already.
    assert raised.value.id == f"d{len(taken)}" and raised.value.status == -signal.SIGKILL
    assert aligner.align(ZH, EN).pairs


def test_what_the_program_said_is_told_where_it_does_not_begin():
    with Aligner(model="no-such-model") as aligner, pytest.raises(Crash, match="no-such-model"):
        aligner.align(ZH, EN)


def test_a_program_that_is_not_there_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("MTALIGN_PROGRAM", str(tmp_path / "none"))
    with pytest.raises(MtalignError, match="cannot start"):
        Aligner().align(ZH, EN)


def test_what_is_forked_begins_processes_of_its_own(aligner):
    aligner.align(ZH, EN)
    ours = aligner._align._running.pid
    child = os.fork()
    if child == 0:
        is_right = aligner.align(ZH, EN).pairs[0].en == EN and aligner._align._running.pid != ours
        aligner.close()
        os._exit(0 if is_right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert aligner.align(ZH, EN).pairs and aligner._align._running.pid == ours


def test_an_aligner_can_be_sent_to_another_process():
    sent = pickle.loads(pickle.dumps(Aligner(jobs=2, min_confidence=0.5)))
    with sent:
        assert sent._arguments["jobs"] == 2 and sent.align(ZH, EN).pairs


def test_threads_take_turns(aligner):
    found = {}

    def work(number):
        text = (f"我有{number}本书。", f"I have {number} books.")
        found[number] = aligner.align(*text).pairs[0].en

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"I have {number} books." for number in range(5)}


def test_coverage_says_what_has_no_counterpart(aligner):
    report = aligner.coverage(ZH, EN)
    (missing,) = report.zh.uncovered
    assert missing.text == "门上贴着一张纸条。" and missing.translation
    assert report.en.uncovered == [] and report.zh.sentences.ratio == 0.5
    assert aligner.coverage("猫睡了。", "").zh.sentences.covered == 0
    differing = aligner.coverage("他买了三十本书。", "He bought thirteen books.")
    assert [(it.check, it.zh, it.en) for it in differing.findings] == [("number", ["三十"], ["thirteen"])]


def test_translations_stand_beside_their_sentences(aligner):
    drafts = aligner.translate("他明天到。我们等他。")
    assert [it.zh for it in drafts] == ["他明天到。", "我们等他。"]
    assert all(it.mt for it in drafts)


def test_scores_tell_right_pairs_from_wrong_ones(aligner):
    pairs = [("他明天早上到北京。", "He arrives in Beijing tomorrow morning."), ("他明天早上到北京。", "Prices of steel fell.")]
    scores = list(aligner.score(pairs * 300))
    assert len(scores) == 600 and min(scores[::2]) > max(scores[1::2])


def test_pairs_are_judged_as_a_data_set_would():
    pairs = [
        {"zh": "他明天到。", "en": "He arrives tomorrow.", "confidence": 0.9, "doc": "a"},
        {"zh": "他明天到", "en": "he arrives tomorrow!", "confidence": 0.3, "doc": "b"},
        {"zh": "共有3250人。", "en": "There were 3,520 people.", "confidence": 0.9, "mt_flaw": None, "origin": "human"},
        {"zh": "他明天到。", "en": "Prices of steel fell.", "doc": "a"},
    ]
    with Aligner(cache=False, seed=3) as aligner:
        first, same, number, unsure = list(aligner.judge(pairs * 200))[:4]
    assert [it.filter for it in (first, same, number, unsure)] == [
        None, "confidence", "no_number_inconsistencies", "confidence",
    ]
    assert (first.zh_key, first.en_key) == (same.zh_key, same.en_key) == (0xEF6C60E3F107D73D, 0xC1532428524FBA64)
    assert first.doc_draw == unsure.doc_draw != same.doc_draw and first.pair_draw == same.pair_draw
    assert unsure.confidence < 0.5 and number.doc == "<stdin>"
    with Aligner(cache=False, min_confidence=0.2, skip=("no_number_inconsistencies",)) as aligner:
        assert [it.filter for it in aligner.judge(pairs[:3])] == [None] * 3
        with pytest.raises(DocumentError, match="pair 1"):
            list(aligner.judge([pairs[0], {"zh": "x"}]))


def test_a_document_that_fills_the_memory_is_a_crash():
    with Aligner(cache=False, memory=400 << 20) as aligner:
        with pytest.raises(Crash, match="over `large`"):
            large = ("我们昨天在海边看见了很多鸟。" * 400_000, "We saw many birds at the sea yesterday. " * 400_000)
            aligner.align(*large, id="large")
    with Aligner(cache=False, memory=2 << 30) as aligner:
        assert aligner.align(ZH, EN).pairs


def test_hostile_text_comes_through_as_it_is(aligner):
    zh = "猫\u2028睡了\u0000，\\n\"\t😀。"
    found = aligner.align(zh, "The cat\u2028 slept, \\n\"\t😀.", id='a"\n\\')
    assert found.id == 'a"\n\\' and "😀" in found.pairs[0].zh
