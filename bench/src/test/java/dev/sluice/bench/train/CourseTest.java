package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Tensor;
import dev.sluice.bench.report.Curve;
import dev.sluice.bench.report.Curve.Point;
import dev.sluice.bench.report.Page;
import dev.sluice.bench.report.Picture;
import dev.sluice.bench.train.Course.Step;
import dev.sluice.bench.train.Course.Stretch;
import java.util.List;
import org.junit.jupiter.api.Test;

class CourseTest {
  @Test
  void stretchesFollowEachOther() {
    var course = new Course();
    course.add(new Step(2, 1, 0.5, 5, 1));
    course.add(new Step(1, 4, 1, 3, 2));
    assertEquals(new Stretch(2, 2 / 3.0, 5, 2), course.stretch());
    course.add(new Step(4, 0.5, 0.75, 1, 0.5));
    assertEquals(new Stretch(0.5, 0.75, 1, 0.5), course.stretch());
    assertEquals(3, course.steps().size());
  }

  @Test
  void aStepIsReadFromScalars() {
    assertEquals(new Step(7, 0.5, Double.NaN, 3, 1),
        Step.read(7, Tensor.scalar(0.5).requiresGrad(true), new Clipper.Norms(Tensor.scalar(3), Tensor.scalar(1))));
  }

  @Test
  void theLargestLogitIsTheAnswer() {
    Tensor logits = Tensor.of(new float[] {1, 3, 2, -5, -9, -7, 0, 0, 1}, 3, 3).requiresGrad(true);
    Tensor accuracy = Course.accuracy(logits, Tensor.of(new int[] {1, 2, 2}, 3));
    assertEquals(2 / 3.0, accuracy.item(), 1e-7);
    assertFalse(accuracy.requiresGrad());
    Step step = Step.read(3, Tensor.scalar(0.5), accuracy, new Clipper.Norms(Tensor.scalar(4), Tensor.scalar(1)));
    assertEquals(new Step(3, 0.5, accuracy.item(), 4, 1), step);
  }

  @Test
  void accuracyOfTrainingStandsBesideThatOfTheTest() {
    var course = new Course();
    course.add(new Step(2, 1, 0.5, 1, 1));
    course.add(new Step(2, 1, 1, 1, 1));
    Curve test = CoursePage.test("test", course, 2, List.of(0.75));
    var accuracy = (Picture.Curves) CoursePage.section(course, "loss", test, List.of(test)).pictures().get(1);
    assertEquals(List.of(new Curve("training", List.of(new Point(1, 0.5), new Point(2, 1))), test), accuracy.curves());
  }

  @Test
  void aLongCourseIsThinned() {
    var course = new Course();
    for (int step = 1; step <= 700; step++) {
      course.add(new Step(1, step, step / 700.0, step, 1));
    }
    Page.Section section = CoursePage.section(course, "loss",
        CoursePage.test("test", course, 300, List.of(3.0, 2.0, 1.0)), List.of());
    var loss = (Picture.Curves) section.pictures().getFirst();
    List<Point> training = loss.curves().getFirst().points();
    assertEquals(234, training.size());
    assertEquals(new Point(3, 2), training.getFirst());
    assertEquals(new Point(700, 700), training.getLast());
    assertEquals(List.of(new Point(300, 3), new Point(600, 2), new Point(700, 1)), loss.curves().getLast().points());
    var norm = (Picture.Curves) section.pictures().getLast();
    assertEquals(new Point(3, 3), norm.curves().getFirst().points().getFirst());
    assertTrue(section.text().contains(" 3 steps"), section.text());
  }
}
