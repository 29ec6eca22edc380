import pytest
from features.feature_doubles import Flat

from gan_zoo import features
from gan_zoo.features.names import INCEPTION


@pytest.mark.parametrize("reserved", INCEPTION)
def test_a_users_own_features_cannot_pass_for_inception(reserved):
    class Fake(Flat):
        name = reserved

    with pytest.raises(ValueError, match="belongs to a feature network"):
        features.resolve(Fake(3))
